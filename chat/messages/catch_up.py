"""Catch-up: what changed after a position, for readers who come back and for hubs with a gap.

A position is a number of the log, the id of the row that holds it, and the epoch. Where the
database has another id or epoch, the log is not the one that was read, and there is no catch-up.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from .. import bus, protocol
from ..metrics import RESETS
from ..rooms.models import Room, RoomHead
from . import room_heads
from .history import EncodedPage, Page, count_for_frame, encoded, last_page_of
from .models import Message
from .wire_messages import WIRE_COLUMNS, from_rows, wire_messages

# How far a hub has read a room: the number, the id of its row, and the epoch.
HubPosition = tuple[Room, int, UUID | None, str]


def since(room: Room, position: protocol.Position) -> Page:
    """What changed after a reader's position; or the last page, with the reason for the `reset`."""
    log, id_there = room_heads.head_and_id_at(room, position.seq)
    if reset := _reason_to_reset(log, position, id_there):
        RESETS.labels(reset).inc()
        return last_page_of(log, reset)
    return _changes_after(log, position.seq)


def since_encoded(room: Room, position: protocol.Position) -> EncodedPage:
    return encoded(since(room, position))


def _reason_to_reset(
    log: RoomHead, position: protocol.Position, id_there: UUID | None
) -> str | None:
    if position.epoch != log.epoch:
        return "epoch"
    if position.seq > log.head:
        return "ahead"
    if position.seq < log.floor or log.head - position.seq > settings.CATCH_UP_MAX:
        return "too_far"
    # If the row at the reader's number is the one that the reader saw, everything before it is too.
    if position.seq and id_there != position.id:
        return "mismatch"
    return None


def gap(room: Room, head: int, head_id: UUID | None, epoch: str) -> bus.Batch | None:
    """What a hub at `head` lacks, or the beginning of it. None if its log is not this one."""
    return gaps([(room, head, head_id, epoch)])[room.pk]


def gaps(positions: Sequence[HubPosition]) -> dict[int, bus.Batch | None]:
    """`gap` for many rooms, by room id, in as many queries as for one."""
    logs = RoomHead.objects.in_bulk([room.pk for room, *_ in positions])
    ids = room_heads.ids_at(
        [
            (room.pk, head)
            for room, head, *_ in positions
            if room.pk in logs and head < logs[room.pk].head
        ]
    )
    found: dict[int, bus.Batch | None] = {}
    same: list[tuple[Room, int, UUID | None]] = []
    for room, head, head_id, epoch in positions:
        log = logs.get(room.pk)
        id_here = log.head_id if log and head == log.head else ids.get((room.pk, head))
        if log and log.epoch == epoch and id_here == head_id and log.head >= head:
            same.append((room, head, head_id))
        else:
            found[room.pk] = None
    pages = _pages_after([(logs[room.pk], head) for room, head, _ in same])
    for room, _, head_id in same:
        found[room.pk] = _batch(room, pages[room.pk], head_id)
    return found


def changes_after(room: Room, seq: int) -> bus.Batch:
    """What a subscription with its cursor at `seq` has missed, or the beginning of it."""
    log = room_heads.head_of(room)
    return _batch(room, _changes_after(log, seq), room_heads.id_at(log, seq))


def _batch(room: Room, page: Page, previous_id: UUID | None) -> bus.Batch:
    changes = [(m.updated_seq, m.seq, protocol.encode(m)) for m in page.messages]
    return bus.Batch(
        room_id=room.pk,
        room=room.key,
        epoch=page.epoch,
        previous_id=previous_id,
        first=page.first,
        last=page.last,
        last_id=page.last_id,
        changes=changes,
    )


def _changes_after(log: RoomHead, seq: int) -> Page:
    changed = Message.objects.in_room(log.room_id).changed_between(seq, log.head)
    messages = wire_messages(changed, settings.HISTORY_MAX_SIZE + 1)
    return _page_after(log, seq, log.head, messages)


def _pages_after(positions: Sequence[tuple[RoomHead, int]]) -> dict[int, Page]:
    """For each of these logs what changed after a number, or the beginning of that; one query."""
    upto = {log.room_id: min(log.head, seq + settings.HISTORY_MAX_SIZE) for log, seq in positions}
    changed: dict[int, list[protocol.WireMessage]] = {log.room_id: [] for log, _ in positions}
    segments = [
        Q(room_id=log.room_id, updated_seq__gt=seq, updated_seq__lte=upto[log.room_id])
        for log, seq in positions
        if seq < log.head
    ]
    if segments:
        rows = Message.objects.filter(reduce(or_, segments)).order_by("room_id", "updated_seq")
        found = list(rows.values_list("room_id", *WIRE_COLUMNS))
        messages = from_rows([row[1:] for row in found])
        for (room_id, *_), message in zip(found, messages, strict=True):
            changed[room_id].append(message)
    return {
        log.room_id: _page_after(log, seq, upto[log.room_id], changed[log.room_id])
        for log, seq in positions
    }


def _page_after(log: RoomHead, seq: int, upto: int, messages: list[protocol.WireMessage]) -> Page:
    """The numbers after `seq`, up to `upto` or to the last message that one frame can carry."""
    count = count_for_frame(messages[: settings.HISTORY_MAX_SIZE])
    last = messages[count - 1].updated_seq if len(messages) > count else upto
    return Page(
        log.epoch,
        log.head,
        log.head_id,
        seq + 1,
        last,
        room_heads.id_at(log, last),
        messages[:count],
        last < log.head,
    )
