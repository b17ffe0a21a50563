"""History: the last page of a room, older pages, and the page around one message.

Every query reads a range of an index, so its cost does not depend on the length of the log.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext
from msgspec import Raw

from .. import protocol
from ..errors import NotFound
from ..rooms.models import Room, RoomHead
from . import room_heads
from .models import Change, Message, MessageQuerySet
from .wire_messages import wire_messages

# The messages of one page have at most this size, so that a frame with them stays below
# protocol.SERVER_FRAME_MAX.
PAGE_BYTES = 56 * 1024
# The page around a message shows so many messages before it, and as many after it.
NEIGHBOURS = 40


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a room's log that covers the numbers first…last.

    `more`: there are more messages beyond the end where it was cut off. `newer`: it shows a place
    in the past, and leaves out the messages between there and `head`.
    """

    epoch: str
    head: int
    head_id: UUID | None
    first: int
    last: int
    last_id: UUID | None
    messages: list[protocol.WireMessage]
    more: bool
    reset: str | None = None
    newer: bool = False

    @property
    def to_id(self) -> UUID | None:
        return self.last_id


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A Page with its messages encoded."""

    epoch: str
    head: int
    head_id: UUID | None
    first: int
    last: int
    last_id: UUID | None
    messages: list[Raw]
    more: bool
    reset: str | None = None


def last_page(room: Room) -> Page:
    """The newest messages of a room, up to its head. NotFound if the room is gone."""
    return last_page_of(room_heads.head_of(room))


def last_page_of(log: RoomHead, reset: str | None = None) -> Page:
    newest = Message.objects.in_room(log.room_id).before(log.head + 1)
    messages, more = _newest_first(newest, settings.PAGE_SIZE)
    first = messages[0].seq if messages else log.head + 1
    end = log.head, log.head_id
    return Page(log.epoch, *end, first, *end, messages, more, reset)


def page_around(room: Room, seq: int) -> Page:
    """A message among its neighbours. NotFound if no message has this number."""
    log = room_heads.head_of(room)
    messages = Message.objects.in_room(room.pk)
    older = wire_messages(messages.before(seq), NEIGHBOURS + 1)
    onward = messages.filter(seq__gte=seq, seq__lte=log.head).order_by("seq")
    newer = wire_messages(onward, NEIGHBOURS + 2)
    if not newer or newer[0].seq != seq:
        raise NotFound(gettext("There is no message {number} in this room.").format(number=seq))
    shown = older[:NEIGHBOURS][::-1] + newer[: NEIGHBOURS + 1]
    return Page(
        epoch=log.epoch,
        head=log.head,
        head_id=log.head_id,
        first=shown[0].seq,
        last=log.head,
        last_id=log.head_id,
        messages=shown,
        more=len(older) > NEIGHBOURS,
        newer=len(newer) > NEIGHBOURS + 1,
    )


def message_changed_by(room: Room, seq: int) -> int | None:
    """The number of the message that the change with this number was made to; None without one."""
    changes = Change.objects.filter(room=room, seq=seq)
    return changes.values_list("message__seq", flat=True).first()


def older_messages(
    room: Room, before: int, limit: int = settings.PAGE_SIZE
) -> tuple[list[protocol.WireMessage], bool]:
    """Up to `limit` messages older than `before`, in order; and whether there are older ones."""
    return _newest_first(Message.objects.in_room(room.pk).before(before), limit)


def older_messages_encoded(room: Room, before: int, limit: int) -> tuple[list[Raw], bool]:
    messages, more = older_messages(room, before, limit)
    return [Raw(protocol.encode(message)) for message in messages], more


def last_page_encoded(room: Room) -> EncodedPage:
    return encoded(last_page(room))


def encoded(page: Page) -> EncodedPage:
    return EncodedPage(
        page.epoch,
        page.head,
        page.head_id,
        page.first,
        page.last,
        page.last_id,
        [Raw(protocol.encode(message)) for message in page.messages],
        page.more,
        page.reset,
    )


def _newest_first(newest: MessageQuerySet, limit: int) -> tuple[list[protocol.WireMessage], bool]:
    """Of these, newest first, as many as `limit` and one frame allow; and whether there are more.

    They are returned in the order of the log.
    """
    messages = wire_messages(newest, limit + 1)
    count = count_for_frame(messages[:limit])
    return messages[:count][::-1], len(messages) > count


def count_for_frame(messages: list[protocol.WireMessage]) -> int:
    """How many of these one frame can carry; at least one."""
    size = 0
    for count, message in enumerate(messages):
        size += len(protocol.encode(message))
        if size > PAGE_BYTES and count:
            return count
    return len(messages)
