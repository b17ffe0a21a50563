"""What a page of the admin costs does not grow with the log: PostgreSQL shows its plans."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat.models import Member, Room

from . import logs, test_plans
from .test_admin import desk
from .test_plans import LARGE, PAGES_MAX, explained, nodes, touched

garden, large = logs.garden, test_plans.large
__all__ = ["desk"]

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db]

MIDDLE = LARGE // 2
# The front page asks for 78 moments, each some twenty steps of a few pages; the rest for a page.
FRONT_PAGES_MAX = 60 * PAGES_MAX


@pytest.fixture
def crowded(large: Room, alice: Member) -> Room:
    """A hundred thousand members, too, of whom two said something lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chat_member (name, canonical_name, kind, session, created_at,"
            " last_seen_at) SELECT 'Guest ' || n, 'guest ' || n, 'guest', 1, now(), now()"
            " FROM generate_series(1, 100000) AS n"
        )
        cursor.execute("ANALYZE chat_member")
    return large


def pages(room: Room, author: Member) -> dict[str, str]:
    messages, changes, members = (f"/admin/chat/{t}/" for t in ("message", "change", "member"))
    timeline = f"/admin/chat/room/{room.pk}/timeline/"
    return {
        "the front page": "/admin/",
        "the newest messages": messages,
        "messages in the middle": f"{messages}?before={MIDDLE}",
        "back to newer ones": f"{messages}?after={MIDDLE}",
        "a room": f"{messages}?room__id__exact={room.pk}",
        "a room in the middle": f"{messages}?room__id__exact={room.pk}&before={MIDDLE}",
        "a member’s messages": f"{messages}?author__id__exact={author.pk}",
        "a member who said nothing": f"{messages}?author__id__exact={author.pk + 50}",
        "by address": f"{messages}?q=garden/{MIDDLE}",
        "by author": f"{messages}?q=ali",
        "changes": changes,
        "changes of a room": f"{changes}?room__id__exact={room.pk}&before={MIDDLE}",
        "members": members,
        "members by name": f"{members}?q=guest+77",
        "muted members": f"{members}?standing=muted",
        "banned members": f"{members}?standing=banned",
        "a timeline": timeline,
        "a timeline in the middle": f"{timeline}?at={MIDDLE}",
        "a timeline at a time": f"{timeline}?when={timezone.now():%Y-%m-%dT%H:%M}",
    }


def test_no_page_reads_a_whole_table(crowded: Room, alice: Member, desk: Client) -> None:
    for name, address in pages(crowded, alice).items():
        began = time.perf_counter()
        desk.get(address)
        print(f"{name}: {(time.perf_counter() - began) * 1000:.0f} ms in all")
        limit = FRONT_PAGES_MAX if address == "/admin/" else PAGES_MAX
        for sql, plan in explained(lambda address=address: desk.get(address)):  # type: ignore[misc]
            scanned = {
                node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"
            }
            assert not scanned & {"chat_message", "chat_change", "chat_member"}, (name, sql)
            assert touched(plan) < limit, (name, sql)
