"""A room with a long past, and everything that is read of a room."""

import os
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from chat import protocol
from chat.accounts.models import Member
from chat.messages import catch_up, history, room_heads
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room, RoomHead

from .messages import logs

garden = logs.garden

# A million was tried by hand (LARGE=1000000), with the same plans.
LARGE = int(os.environ.get("LARGE", "200000"))
MIDDLE = LARGE // 2

_SAY = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %(count)s)
    INSERT INTO chat_message
        (room_id, seq, updated_seq, uid, author_id, author_name, client_id, body, created_at)
    SELECT %(room)s, n, CASE WHEN n %% 20 = 0 THEN %(count)s + n / 20 ELSE n END,
           {uid}, %(author)s, 'Alice', 'key-' || n, 'message ' || n, CURRENT_TIMESTAMP
    FROM numbers
"""
_CHANGE = """
    INSERT INTO chat_change (room_id, seq, uid, kind, message_id, actor_id, at)
    SELECT room_id, updated_seq, {uid}, 'reacted', id, author_id, CURRENT_TIMESTAMP
    FROM chat_message WHERE room_id = %(room)s AND updated_seq <> seq
"""
_UID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}


@pytest.fixture
def large(garden: Room, alice: Member) -> Room:
    """A garden with a long past, every 20th message changed, and a cellar in the same tables."""
    cellar = open_room(key="cellar", name="Cellar")
    uid = _UID[connection.vendor]
    with connection.cursor() as cursor:
        for room, count in ((garden, LARGE), (cellar, LARGE // 10)):
            filled = {"room": room.pk, "author": alice.pk, "count": count}
            cursor.execute(_SAY.format(uid=uid), filled)
            cursor.execute(_CHANGE.format(uid=uid), filled)
            RoomHead.objects.filter(room=room).update(head=count + count // 20)
        if connection.vendor == "postgresql":
            # By itself there, after a while; nobody does it for SQLite.
            cursor.execute("ANALYZE")
    return garden


def position(room: Room, seq: int) -> protocol.Position:
    head = RoomHead.objects.get(room=room)
    return protocol.Position(head.epoch, seq, room_heads.id_at(head, seq))


def behind(room: Room, numbers: int) -> int:
    return RoomHead.objects.get(room=room).head - numbers


READS: dict[str, tuple[str, Callable[[Room], object]]] = {
    "the last page": ("one_message_per_seq", history.last_page),
    "catching up": (
        "one_message_per_change",
        lambda room: catch_up.since(room, position(room, behind(room, 450))),
    ),
    "catching up with the end": (
        "one_message_per_change",
        lambda room: catch_up.since(room, position(room, behind(room, 2))),
    ),
    "recent history": (
        "one_message_per_seq",
        lambda room: history.older_messages(room, behind(room, 500), 100),
    ),
    "old history": ("one_message_per_seq", lambda room: history.older_messages(room, 5000, 100)),
    "the first page": ("one_message_per_seq", lambda room: history.older_messages(room, 2, 100)),
    "a hub's gap": (
        "one_message_per_change",
        lambda room: catch_up.changes_after(room, behind(room, 450)),
    ),
}


@pytest.fixture
def crowded(large: Room, alice: Member) -> Room:
    """A hundred thousand members, too, of whom two said something lately."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers (n) AS"
            " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)"
            " INSERT INTO chat_member (name, canonical_name, kind, session, created_at,"
            " last_seen_at) SELECT 'Guest ' || n, 'guest ' || n, 'guest', 1, CURRENT_TIMESTAMP,"
            " CURRENT_TIMESTAMP FROM numbers"
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE chat_member")
    return large


def admin_pages(room: Room, author: Member) -> dict[str, str]:
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
