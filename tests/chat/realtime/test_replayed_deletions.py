"""What is deleted is not replayed from memory: the deletion comes in its place."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from chat import bus, protocol
from chat.realtime.room_stream import RoomStream
from chat.realtime.segment import Changes
from chat.rooms.models import Room

pytestmark = pytest.mark.once


def stream() -> RoomStream:
    return RoomStream(Room(pk=1, key="garden"), "life", 0, None, lambda behind: None)


def message(seq: int, updated: int, body: str = "", *, deleted: bool = False) -> Changes:
    wire = protocol.WireMessage(
        UUID(int=seq),
        seq,
        updated,
        protocol.MemberRef(1, "Alice"),
        body,
        datetime(2026, 1, 1, tzinfo=UTC),
        f"key {seq}",
        None,
        deleted,
    )
    return [(updated, seq, protocol.encode(wire))]


def apply(room: RoomStream, number: int, changes: Changes) -> None:
    room.apply(
        bus.Batch(
            room_id=1,
            room="garden",
            epoch="life",
            previous_id=room.head_id,
            first=number,
            last=number,
            last_id=UUID(int=100 + number),
            changes=changes,
            posted=number,
        )
    )


def replayed(room: RoomStream) -> str:
    return "".join(segment.frame.wire.decode(errors="replace") for segment in room.replay_buffer)


def test_a_deleted_text_leaves_the_replay_buffer_and_the_numbers_stay() -> None:
    room = stream()
    apply(room, 1, message(1, 1, "a secret"))
    apply(room, 2, message(2, 2, 'no secret: "deleted":true'))

    apply(room, 3, message(1, 3, deleted=True))

    assert "a secret" not in replayed(room)
    assert "no secret" in replayed(room)
    assert [(one.first, one.last) for one in room.replay_buffer] == [(1, 1), (2, 2), (3, 3)]
    assert room.changes_after(1, UUID(int=101)) == [
        *message(2, 2, 'no secret: "deleted":true'),
        *message(1, 3, deleted=True),
    ]


def test_an_edit_that_quotes_a_deletion_is_none() -> None:
    room = stream()
    apply(room, 1, message(1, 1, "first"))

    apply(room, 2, message(1, 2, '"deleted":true'))

    assert "first" in replayed(room)
