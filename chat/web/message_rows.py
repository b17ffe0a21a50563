"""The messages of a page as HTML. A message's row is made once, not for each page it stands on."""

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from django.template.loader import get_template
from django.urls import reverse

from .. import protocol
from ..messages import history, room_heads
from ..rooms.models import Room, RoomHead
from .bounded_cache import BoundedCache
from .message_grouping import GroupedMessage, group_messages
from .page_parts import Part, shared

ROWS_MAX_BYTES = 8 << 20
PAGES_MAX_BYTES = 16 << 20
# Erasure and retention change rows under numbers that were given before. Pages show it after this.
PAGE_SECONDS = 1.0

# Where a log stands, and the key of its room, which stands in the rows' links.
Place = tuple[str, int, UUID | None, int, str]


class LastPage(NamedTuple):
    """The last page of a room at one place of its log, and since when it is known."""

    place: Place
    page: history.Page
    rows: Part
    read_at: float


# A row is a function of its message alone, so it never gets old.
_rows: BoundedCache[tuple[str, bytes, tuple[bool, bool, int, bool]], str] = BoundedCache(
    ROWS_MAX_BYTES, len
)
_pages: BoundedCache[int, LastPage] = BoundedCache(
    PAGES_MAX_BYTES, lambda last: len(last.rows.text) + len(last.rows.deflated)
)


def last_page(room: Room, log: RoomHead | None) -> LastPage:
    """The newest messages at this head, which was read just now. NotFound if the room is gone.

    The caller has checked that the reader may see the room.
    """
    log = log or room_heads.head_of(room)
    place = log.epoch, log.head, log.head_id, log.floor, room.key
    known = _pages.get(room.pk)
    now = monotonic()
    if known is not None and known.place == place and now - known.read_at < PAGE_SECONDS:
        return known
    page = history.last_page_of(log)
    html = rows(room, page.messages)
    is_same = known is not None and known.rows.text == html.encode()
    packed = known.rows if known is not None and is_same else shared(html)
    return _pages.put(room.pk, LastPage(place, page, packed, now))


def rows(room: Room, messages: Sequence[protocol.WireMessage], focus: int | None = None) -> str:
    """These messages as list items, with the days between them; `focus`: the one to open at."""
    address = reverse("room", args=[room.key])
    return "".join(_row(address, line, focus) for line in group_messages(messages, focus))


def _row(address: str, line: GroupedMessage, focus: int | None) -> str:
    message = line.message
    if message.seq == focus:
        return _rendered(address, line, focus)
    arranged = line.starts_day, line.starts_group, line.deletions, line.is_collapsed
    key = address, protocol.encode(message), arranged
    return _rows.get(key) or _rows.put(key, _rendered(address, line, None))


def _rendered(address: str, line: GroupedMessage, focus: int | None) -> str:
    context = {"line": line, "message": line.message, "address": address, "focus": focus}
    return get_template("chat/_row.html").render(context)
