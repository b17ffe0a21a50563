"""Reading the log: the last page, what changed since, older history. Each is an index range."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from msgspec import Raw

from .. import bus, protocol
from ..errors import NotFound
from ..metrics import RESETS
from ..rooms.models import Room, RoomHead
from . import markup, room_heads
from .models import Change, Message, MessageQuerySet

_WIRE = (
    "uid",
    "seq",
    "updated_seq",
    "author_id",
    "author_name",
    "body",
    "created_at",
    "client_id",
    "edited_at",
    "deleted_at",
    "reply_to",
    "reactions",
)


# A page's messages together, so that its frame stays below protocol.SERVER_FRAME_MAX.
PAGE_BYTES = 56 * 1024
# A message's own address shows as many before it and after it.
NEIGHBOURS = 40


# Where a hub stands in a room: the number it has reached, its id, and the life of the log.
Place = tuple[Room, int, UUID | None, str]
# By room: head, its id, epoch, and the kind of the room.
Heads = dict[int, tuple[int, UUID | None, str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a room's log, covering first…last. `more`: there is more where it was cut off.

    `newer`: it shows a place in the past; what was said between there and `head` is not in it.
    """

    epoch: str
    head: int
    first: int
    last: int
    last_id: UUID | None
    messages: list[protocol.Message]
    more: bool
    reset: str | None = None
    newer: bool = False

    @property
    def to_id(self) -> UUID | None:
        return self.last_id


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A Page as it travels."""

    epoch: str
    head: int
    first: int
    last: int
    last_id: UUID | None
    messages: list[Raw]
    more: bool
    reset: str | None = None


def last_page(room: Room) -> Page:
    """The newest messages of a room, ready to be lived on from `head`."""
    return _last_page(_log(room))


def page_around(room: Room, seq: int) -> Page:
    """A message among its neighbours. NotFound if no message has this number."""
    log = _log(room)
    messages = Message.objects.in_room(room.pk)
    older = wire_messages(messages.before(seq), NEIGHBOURS + 1)
    onward = messages.filter(seq__gte=seq, seq__lte=log.head).order_by("seq")
    newer = wire_messages(onward, NEIGHBOURS + 2)
    if not newer or newer[0].seq != seq:
        raise NotFound(f"There is no message {seq} in this room.")
    shown = older[:NEIGHBOURS][::-1] + newer[: NEIGHBOURS + 1]
    return Page(
        epoch=log.epoch,
        head=log.head,
        first=shown[0].seq,
        last=log.head,
        last_id=id_at(log, log.head),
        messages=shown,
        more=len(older) > NEIGHBOURS,
        newer=len(newer) > NEIGHBOURS + 1,
    )


def message_changed_by(room: Room, seq: int) -> int | None:
    """The number of the message that this change, of its own number, was made to."""
    changes = Change.objects.filter(room=room, seq=seq)
    return changes.values_list("message__seq", flat=True).first()


def since(room: Room, position: protocol.Position) -> Page:
    """What changed after a reader's position; or the last page, with the reason for the `reset`."""
    log = _log(room)
    if reset := _reason_to_reset(log, position):
        RESETS.labels(reset).inc()
        return _last_page(log, reset)
    return _changes_after(log, position.seq)


def history(
    room: Room, before: int, limit: int = settings.PAGE_SIZE
) -> tuple[list[protocol.Message], bool]:
    """Up to `limit` messages older than `before`, in order; and whether there are older ones."""
    return _newest_first(Message.objects.in_room(room.pk).before(before), limit)


def gap(room: Room, head: int, head_id: UUID | None, epoch: str) -> bus.Batch | None:
    """What a hub at `head` has not heard, or the beginning of it; None if it follows a lost log."""
    return gaps([(room, head, head_id, epoch)])[room.pk]


def gaps(places: Sequence[Place]) -> dict[int, bus.Batch | None]:
    """The same for many rooms, in as many queries as for one."""
    logs = RoomHead.objects.in_bulk([room.pk for room, *_ in places])
    ids = _ids_at(
        [
            (room.pk, head)
            for room, head, *_ in places
            if room.pk in logs and head < logs[room.pk].head
        ]
    )
    found: dict[int, bus.Batch | None] = {}
    followed: list[tuple[Room, int, UUID | None]] = []
    for room, head, head_id, epoch in places:
        log = logs.get(room.pk)
        there = log.head_id if log and head == log.head else ids.get((room.pk, head))
        if log and log.epoch == epoch and there == head_id and log.head >= head:
            followed.append((room, head, head_id))
        else:
            found[room.pk] = None
    pages = _pages_after([(logs[room.pk], head) for room, head, _ in followed])
    for room, _, head_id in followed:
        found[room.pk] = _batch(room, pages[room.pk], head_id)
    return found


def changes_after(room: Room, seq: int) -> bus.Batch:
    """What a cursor at `seq` has missed, or the beginning of it."""
    log = _log(room)
    return _batch(room, _changes_after(log, seq), id_at(log, seq))


def _batch(room: Room, page: Page, previous_id: UUID | None) -> bus.Batch:
    changes = [(m.updated_seq, m.seq, protocol.encode(m)) for m in page.messages]
    return bus.Batch(
        room.pk, room.key, page.epoch, previous_id, page.first, page.last, page.last_id, changes
    )


def _ids_at(places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], UUID]:
    """The ids of the rows that hold these numbers, a message's or a change's, by (room, number)."""
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


def _pages_after(places: Sequence[tuple[RoomHead, int]]) -> dict[int, Page]:
    """What changed in each of these logs after a number of it, or the beginning of that."""
    upto = {log.room_id: min(log.head, seq + settings.HISTORY_MAX_SIZE) for log, seq in places}
    changed: dict[int, list[protocol.Message]] = {log.room_id: [] for log, _ in places}
    stretches = [
        Q(room_id=log.room_id, updated_seq__gt=seq, updated_seq__lte=upto[log.room_id])
        for log, seq in places
        if seq < log.head
    ]
    if stretches:
        rows = Message.objects.filter(reduce(or_, stretches)).order_by("room_id", "updated_seq")
        for room_id, *row in rows.values_list("room_id", *_WIRE):
            changed[room_id].append(wire_message(*row))
    return {
        log.room_id: _page_after(log, seq, upto[log.room_id], changed[log.room_id])
        for log, seq in places
    }


def heads(room_ids: list[int]) -> Heads:
    """Where each of these rooms ends and of which kind it is, in one query."""
    rows = RoomHead.objects.filter(room__in=room_ids)
    return {
        room_id: (head, head_id, epoch, kind)
        for room_id, head, head_id, epoch, kind in rows.values_list(
            "room", "head", "head_id", "epoch", "room__kind"
        )
    }


def where_it_ends(room: Room) -> tuple[str, int, UUID | None]:
    """Epoch, head, and the id of the row that holds the head's number."""
    log = _log(room)
    return log.epoch, log.head, log.head_id


def id_at(log: RoomHead, seq: int) -> UUID | None:
    """The id of the one row that holds this number, a message's or a change's; None at 0."""
    if seq == log.head:
        return log.head_id
    if seq == 0:
        return None
    held = {"room_id": log.room_id, "seq": seq}
    return (
        Message.objects.filter(**held).values_list("uid", flat=True).first()
        or Change.objects.filter(**held).values_list("uid", flat=True).first()
    )


def history_encoded(room: Room, before: int, limit: int) -> tuple[list[Raw], bool]:
    messages, more = history(room, before, limit)
    return [Raw(protocol.encode(message)) for message in messages], more


def last_page_encoded(room: Room) -> EncodedPage:
    return _encoded(last_page(room))


def since_encoded(room: Room, position: protocol.Position) -> EncodedPage:
    return _encoded(since(room, position))


def _encoded(page: Page) -> EncodedPage:
    return EncodedPage(
        page.epoch,
        page.head,
        page.first,
        page.last,
        page.last_id,
        [Raw(protocol.encode(message)) for message in page.messages],
        page.more,
        page.reset,
    )


def _log(room: Room) -> RoomHead:
    """Where the room's log ends; NotFound if the room is gone."""
    return RoomHead.objects.filter(room=room).first() or room_heads.restore(room)


def _last_page(log: RoomHead, reset: str | None = None) -> Page:
    newest = Message.objects.in_room(log.room_id).before(log.head + 1)
    messages, more = _newest_first(newest, settings.PAGE_SIZE)
    first = messages[0].seq if messages else log.head + 1
    return Page(log.epoch, log.head, first, log.head, log.head_id, messages, more, reset)


def _changes_after(log: RoomHead, seq: int) -> Page:
    changed = Message.objects.in_room(log.room_id).changed_between(seq, log.head)
    messages = wire_messages(changed, settings.HISTORY_MAX_SIZE + 1)
    return _page_after(log, seq, log.head, messages)


def _page_after(log: RoomHead, seq: int, upto: int, messages: list[protocol.Message]) -> Page:
    """The numbers after `seq`, up to `upto` or as far as these messages fit into a frame."""
    count = _fitting(messages[: settings.HISTORY_MAX_SIZE])
    last = messages[count - 1].updated_seq if len(messages) > count else upto
    messages = messages[:count]
    return Page(log.epoch, log.head, seq + 1, last, id_at(log, last), messages, last < log.head)


def _newest_first(newest: MessageQuerySet, limit: int) -> tuple[list[protocol.Message], bool]:
    """The first `limit` of these, or what a frame holds, oldest first; and: are there more."""
    messages = wire_messages(newest, limit + 1)
    count = _fitting(messages[:limit])
    return messages[:count][::-1], len(messages) > count


def _fitting(messages: list[protocol.Message]) -> int:
    """How many of these fit into one frame: one at least."""
    size = 0
    for count, message in enumerate(messages):
        size += len(protocol.encode(message))
        if size > PAGE_BYTES and count:
            return count
    return len(messages)


def _reason_to_reset(log: RoomHead, position: protocol.Position) -> str | None:
    if position.epoch != log.epoch:
        return "epoch"
    if position.seq > log.head:
        return "ahead"
    if position.seq < log.floor or log.head - position.seq > settings.CATCH_UP_MAX:
        return "too_far"
    # If the row that holds the reader's last number is the one the reader saw, all before it is.
    if position.seq and id_at(log, position.seq) != position.id:
        return "mismatch"
    return None


def wire_messages(messages: MessageQuerySet, limit: int) -> list[protocol.Message]:
    """Rows as they travel. Tuples, not model instances: a reader of a page needs no more."""
    return [wire_message(*row) for row in messages.values_list(*_WIRE)[:limit]]


def wire_message(
    uid: UUID,
    seq: int,
    updated_seq: int,
    author_id: int,
    author_name: str,
    body: str,
    created_at: Any,
    client_id: str,
    edited_at: Any = None,
    deleted_at: Any = None,
    reply_to: int | None = None,
    reactions: list[dict[str, Any]] | None = None,
) -> protocol.Message:
    """A row as it travels; a tombstone carries no text."""
    author = protocol.MemberRef(author_id, author_name)
    if deleted_at is not None:
        return protocol.Message(
            uid, seq, updated_seq, author, "", created_at, client_id, None, True, reply_to
        )
    return protocol.Message(
        uid,
        seq,
        updated_seq,
        author,
        body,
        created_at,
        client_id,
        edited_at,
        False,
        reply_to,
        wire_reactions(reactions),
        markup.render(body),
    )


def wire_reactions(reactions: list[dict[str, Any]] | None) -> list[protocol.Reaction] | None:
    if not reactions:
        return None
    return [
        protocol.Reaction(
            reaction["emoji"],
            [protocol.MemberRef(member["id"], member["name"]) for member in reaction["members"]],
        )
        for reaction in reactions
    ]
