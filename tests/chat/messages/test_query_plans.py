"""What a read costs does not grow with the room: PostgreSQL shows its plans for a large table."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.accounts.models import Member
from chat.messages import changes, idempotency, inbox, inbox_pages
from chat.messages.models import InboxHead, InboxItem, Message
from chat.rooms.models import Room

from .. import long_rooms
from ..long_rooms import LARGE, READS
from .logs import post, react

garden, large = long_rooms.garden, long_rooms.large

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db]

# 101 rows out of an index, the pages that hold them, and the author of each by another index. A
# read that grew with the room would touch many thousands.
PAGES_MAX = 1000
JOINS = {"Nested Loop", "Materialize", "Memoize", "Hash Join", "Hash"}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def explained(read: Callable[[], object]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each query of this on the large tables, and how PostgreSQL carried it out."""
    with CaptureQueriesContext(connection) as queries:
        read()
    for sql in [query["sql"] for query in queries if 'FROM "chat_roomhead"' not in query["sql"]]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql.replace('%', '%%')}")
            [([explained],)] = cursor.fetchall()
        plan = explained["Plan"]
        shown = ", ".join(node.get("Index Name", node["Node Type"]) for node in nodes(plan))
        print(f"{explained['Execution Time']:.3f} ms, {touched(plan)} pages: {shown[:200]}")
        yield sql, plan


def touched(plan: dict[str, Any]) -> int:
    """Pages of 8 KiB."""
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("place", ["garden", "cellar"])
def test_every_read_is_one_index_range(large: Room, place: str) -> None:
    room = Room.objects.get(key=place)
    for name, (index, read) in READS.items():
        print(f"{name}:")
        used = set()
        for sql, plan in explained(partial(read, room)):
            for node in nodes(plan):
                # Authors bear their names of now: members are joined, a few to each page.
                if node["Node Type"] in JOINS or node.get("Relation Name") == "chat_member":
                    continue
                # `.first()` asks for an order even of the one row with a number.
                kinds = {"Limit", "Index Scan"} | ({"Sort"} if node["Actual Rows"] <= 1 else set())
                assert node["Node Type"] in kinds, (name, sql, plan)
            assert touched(plan) < PAGES_MAX, name
            used |= {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
        assert index in used, (name, used)


def test_what_is_asked_under_the_lock_is_read_from_indexes(large: Room, mallory: Member) -> None:
    crowd = Member.objects.bulk_create(
        Member(name=f"Guest {n}", canonical_name=f"guest {n}") for n in range(50)
    )
    posts = [post(guest, "hello", f"key-{n}") for n, guest in enumerate([mallory, *crowd] * 4)]
    edits = [react(mallory, LARGE - n * 100) for n in range(100)]

    for read, index in (
        (lambda: idempotency.find_repeats(large, posts), "one_message_per_client_id"),
        (lambda: changes.targets(large, edits), "one_message_per_seq"),
    ):
        for sql, plan in explained(read):
            used = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
            assert used == {index}, sql
            assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}
            assert touched(plan) < 2 * PAGES_MAX


def test_an_inbox_is_read_from_indexes(large: Room, mallory: Member) -> None:
    room = Room.objects.get(key="garden")
    said = list(Message.objects.in_room(room.pk).order_by("seq")[:5000])
    InboxHead.objects.create(member=mallory, head=len(said))
    InboxItem.objects.bulk_create(
        InboxItem(
            member=mallory, number=number, kind="mention", room=room, seq=one.seq, at=one.created_at
        )
        for number, one in enumerate(said, 1)
    )

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_inboxitem")

    for read in (
        partial(inbox.unread_of, [mallory.pk]),
        partial(inbox_pages.load, mallory.pk, None, None),
    ):
        for sql, plan in explained(read):
            scanned = {one.get("Relation Name") for one in nodes(plan) if "Seq" in one["Node Type"]}
            assert "chat_message" not in scanned, sql
            assert touched(plan) < PAGES_MAX, sql
