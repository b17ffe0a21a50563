"""What a page of the admin costs does not grow with the log: PostgreSQL shows its plans."""

import time

import pytest
from django.test import Client

from chat.accounts.models import Member
from chat.rooms.models import Room

from .. import long_rooms
from ..long_rooms import admin_pages
from ..messages.test_query_plans import PAGES_MAX, explained, nodes, touched
from .test_admin import staff

garden, large, crowded = long_rooms.garden, long_rooms.large, long_rooms.crowded
__all__ = ["staff"]

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db]

# The front page asks for 78 moments, each some twenty steps of a few pages; the rest for a page.
FRONT_PAGES_MAX = 60 * PAGES_MAX


def test_no_page_reads_a_whole_table(crowded: Room, alice: Member, staff: Client) -> None:
    for name, address in admin_pages(crowded, alice).items():
        began = time.perf_counter()
        staff.get(address)
        print(f"{name}: {(time.perf_counter() - began) * 1000:.0f} ms in all")
        limit = FRONT_PAGES_MAX if address == "/admin/" else PAGES_MAX
        for sql, plan in explained(lambda address=address: staff.get(address)):  # type: ignore[misc]
            scanned = {
                node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"
            }
            assert not scanned & {"chat_message", "chat_change", "chat_member"}, (name, sql)
            assert touched(plan) < limit, (name, sql)
