"""What a read costs does not grow with the room: PostgreSQL shows its plans for a large table."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import protocol
from chat.models import Member, Room, RoomHead
from chat.services import changes, posting, reading
from chat.services.rooms import open_room

from . import logs
from .logs import post, react

garden = logs.garden

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db]

# A million was tried by hand (LARGE=1000000): the same plans.
LARGE = int(os.environ.get("LARGE", "200000"))
# 101 rows out of an index, and the pages that hold them.
PAGES_MAX = 500

_SAY = """
    INSERT INTO chat_message
        (room_id, seq, updated_seq, uid, author_id, author_name, client_id, body, created_at)
    SELECT %(room)s, n, CASE WHEN n %% 20 = 0 THEN %(count)s + n / 20 ELSE n END,
           gen_random_uuid(), %(author)s, 'Alice', 'key-' || n, 'message ' || n, now()
    FROM generate_series(1, %(count)s) AS n
"""
_CHANGE = """
    INSERT INTO chat_change (room_id, seq, uid, kind, message_id, actor_id, at)
    SELECT room_id, updated_seq, gen_random_uuid(), 'reacted', id, author_id, now()
    FROM chat_message WHERE room_id = %(room)s AND updated_seq <> seq
"""


@pytest.fixture
def large(garden: Room, alice: Member) -> Room:
    """A garden with a long past, every 20th message changed, and a cellar in the same tables."""
    cellar = open_room(key="cellar", name="Cellar")
    with connection.cursor() as cursor:
        for room, count in ((garden, LARGE), (cellar, LARGE // 10)):
            filled = {"room": room.pk, "author": alice.pk, "count": count}
            cursor.execute(_SAY, filled)
            cursor.execute(_CHANGE, filled)
            RoomHead.objects.filter(room=room).update(head=count + count // 20)
        cursor.execute("ANALYZE")
    return garden


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


def position(room: Room, seq: int) -> protocol.Position:
    head = RoomHead.objects.get(room=room)
    return protocol.Position(head.epoch, seq, reading.id_at(head, seq))


def behind(room: Room, numbers: int) -> int:
    return RoomHead.objects.get(room=room).head - numbers


READS: dict[str, tuple[str, Callable[[Room], object]]] = {
    "the last page": ("one_message_per_seq", reading.last_page),
    "catching up": (
        "one_message_per_change",
        lambda room: reading.since(room, position(room, behind(room, 450))),
    ),
    "catching up with the end": (
        "one_message_per_change",
        lambda room: reading.since(room, position(room, behind(room, 2))),
    ),
    "recent history": (
        "one_message_per_seq",
        lambda room: reading.history(room, behind(room, 500), 100),
    ),
    "old history": ("one_message_per_seq", lambda room: reading.history(room, 5000, 100)),
    "the first page": ("one_message_per_seq", lambda room: reading.history(room, 2, 100)),
    "a hub's gap": (
        "one_message_per_change",
        lambda room: reading.changes_after(room, behind(room, 450)),
    ),
}


@pytest.mark.parametrize("place", ["garden", "cellar"])
def test_every_read_is_one_index_range(large: Room, place: str) -> None:
    room = Room.objects.get(key=place)
    for name, (index, read) in READS.items():
        print(f"{name}:")
        used = set()
        for sql, plan in explained(partial(read, room)):
            for node in nodes(plan):
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
        (lambda: posting.known_posts(large, posts), "one_message_per_client_id"),
        (lambda: changes.targets(large, edits), "one_message_per_seq"),
    ):
        for sql, plan in explained(read):
            used = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
            assert used == {index}, sql
            assert "Seq Scan" not in {node["Node Type"] for node in nodes(plan)}
            assert touched(plan) < 2 * PAGES_MAX
