"""The heads of rooms: where each log ends. A lost head is rebuilt from the rows of its room."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q

from ..ready_queries import Lookup, first_of_each
from ..rooms import access
from ..rooms.models import ReadMark, Room, RoomHead
from .models import Change, Message

logger = logging.getLogger(__name__)

# By room id: the head, the id of its row, the epoch, and the kind of the room.
Heads = dict[int, tuple[int, UUID | None, str, str]]


_BY_KEY: Lookup[RoomHead] = Lookup(lambda key: RoomHead.objects.filter(room__key=key), "a key")


def head_lookup(key: str) -> tuple[Lookup[RoomHead], tuple[str]]:
    """The head of the room with this key, for what asks for more in one statement."""
    return _BY_KEY, (key,)


_OF_ROOM: Lookup[RoomHead] = Lookup(lambda room: RoomHead.objects.filter(room=room), 10**6 + 1)
_MESSAGE_AT: Lookup[Message] = Lookup(
    lambda room, seq: Message.objects.in_room(room).filter(seq=seq).only("uid"),
    10**6 + 1,
    10**6 + 2,
)
_CHANGE_AT: Lookup[Change] = Lookup(
    lambda room, seq: Change.objects.filter(room=room, seq=seq).only("uid"),
    10**6 + 1,
    10**6 + 2,
)


def head_of(room: Room) -> RoomHead:
    """The room's head, rebuilt if it was lost. NotFound if the room is gone."""
    return RoomHead.objects.filter(room=room).first() or restore(room)


def end_position(room: Room) -> tuple[str, int, UUID | None]:
    """Epoch, head, and the id of the row that holds the head's number."""
    log = head_of(room)
    return log.epoch, log.head, log.head_id


def head_and_id_at(room: Room, seq: int) -> tuple[RoomHead, UUID | None]:
    """`head_of`, and the `id_at` this number; in one statement."""
    there = room.pk, seq
    log, message, change = first_of_each(
        (_OF_ROOM, (room.pk,)), (_MESSAGE_AT, there), (_CHANGE_AT, there)
    )
    if log is None:
        log = restore(room)
    if seq == log.head:
        return log, log.head_id
    held = message or change
    return log, held.uid if held else None


def heads(room_ids: list[int]) -> Heads:
    """Head, epoch and kind of each of these rooms, in one query."""
    rows = RoomHead.objects.filter(room__in=room_ids)
    return {
        room_id: (head, head_id, epoch, kind)
        for room_id, head, head_id, epoch, kind in rows.values_list(
            "room", "head", "head_id", "epoch", "room__kind"
        )
    }


def id_at(log: RoomHead, seq: int) -> UUID | None:
    """The id of the row that holds this number, a message or a change. None for 0."""
    if seq == log.head:
        return log.head_id
    if seq == 0:
        return None
    held = {"room_id": log.room_id, "seq": seq}
    return (
        Message.objects.filter(**held).values_list("uid", flat=True).first()
        or Change.objects.filter(**held).values_list("uid", flat=True).first()
    )


def ids_at(places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], UUID]:
    """The ids of the rows that hold these numbers, by (room id, number); in two queries."""
    ids: dict[tuple[int, int], UUID] = {}
    for model in (Message, Change):
        missing = [
            Q(room_id=room_id, seq=seq)
            for room_id, seq in places
            if seq and (room_id, seq) not in ids
        ]
        if missing:
            held = model.objects.filter(reduce(or_, missing))
            ids |= {
                (room_id, seq): uid
                for room_id, seq, uid in held.values_list("room_id", "seq", "uid")
            }
    return ids


def restore(room: Room) -> RoomHead:
    """The room's head, locked in the surrounding transaction; rebuilt if there is none.

    The commit needs the head, so nobody numbers in the room meanwhile. NotFound if the room is
    gone.
    """
    with transaction.atomic():
        # Locked, so that of two who come here at once the second finds the head of the first.
        existing = Room.objects.select_for_update(no_key=True).filter(pk=room.pk).first()
        if existing is None:
            raise access.no_such_room(room.key)
        head = RoomHead.objects.select_for_update(no_key=True).filter(room=existing).first()
        if head is None:
            # It gets a new epoch, so that everyone in the room starts anew from the last page.
            posted = ReadMark.objects.filter(room=room).aggregate(Max("posted"))["posted__max"]
            head = RoomHead(room=existing, posted=posted or 0, **_end_of_rows(room))
            head.save(force_insert=True)
            logger.error("Room %s had lost its head; it goes on from %d", room.key, head.head)
    return head


def rooms_without_head() -> list[str]:
    """The keys of the rooms that have no head."""
    return list(Room.objects.filter(log=None).order_by("key").values_list("key", flat=True))


def _end_of_rows(room: Room) -> dict[str, int | UUID | datetime]:
    """The fields of a head, from the rows of the room; the floor is the highest number missing."""
    last: list[tuple[int, UUID, datetime]] = [
        *Message.objects.in_room(room.pk)
        .order_by("-seq")
        .values_list("seq", "uid", "created_at")[:1],
        *Change.objects.filter(room=room).order_by("-seq").values_list("seq", "uid", "at")[:1],
    ]
    if not last:
        return {}
    head, head_id, last_at = max(last)
    messages = Message.objects.in_room(room.pk).order_by().values_list("seq", flat=True)
    changes = Change.objects.filter(room=room).order_by().values_list("seq", flat=True)
    floor = head
    for seq in messages.union(changes, all=True).order_by("-seq").iterator():
        if seq != floor:
            break
        floor -= 1
    return {"head": head, "head_id": head_id, "last_at": last_at, "floor": floor}
