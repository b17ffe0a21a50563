"""A live room: the recent end of one log, and the connections that follow it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Raw

from .. import bus, protocol
from ..models import Room
from ..tally import counted
from .front import Front
from .sockets import Frame, frame

if TYPE_CHECKING:
    from .connection import Connection

logger = logging.getLogger(__name__)

# The ring holds this many numbers, so that a short stall is served from memory.
RING_NUMBERS = 500
# Cursors whose news are kept; nearly all stand at one or two.
NEWS_MAX = 16
# Sockets written to before other work gets its turn.
SWEEP_CHUNK = 500

Changes = list[tuple[int, int, bytes]]


@dataclass(slots=True)
class Stretch:
    """Numbers first…last of the log, with the frame that carries them."""

    first: int
    last: int
    last_id: UUID | None
    changes: Changes
    frame: Frame


class Subscription:
    """A connection in a room: a cursor, not a queue."""

    __slots__ = ("connection", "cursor", "place", "reading", "room")

    def __init__(self, connection: "Connection", room: "LiveRoom", cursor: int) -> None:
        self.connection = connection
        self.room = room
        # Where it stands; with a place in the room's front it stands where the front does.
        self.cursor = cursor
        self.place: int | None = None
        # A read of the database for this cursor is under way.
        self.reading = False


class LiveRoom:
    """Follows one log and writes it, in order and without a hole, to every subscription."""

    def __init__(
        self,
        room: Room,
        epoch: str,
        head: int,
        head_id: UUID | None,
        read_behind: Callable[[Subscription], None],
    ) -> None:
        self.room = room
        self.epoch = epoch
        self.head = head
        self.head_id = head_id
        self.subscriptions: dict[Connection, Subscription] = {}
        # How many are about to subscribe, and wait for a page.
        self.entering = 0
        self.ring: deque[Stretch] = deque()
        # Batches that came before their predecessors, by their first number.
        self.early: dict[int, bus.Batch] = {}
        # How far the log is known to reach, by whatever hint.
        self.known_head = head
        # A look at the heads found it behind, and no hint has told of that.
        self.unheard = False
        self.gap_timer: asyncio.TimerHandle | None = None
        self.filling = False
        self._read_behind = read_behind
        self._front = Front(head)
        # Everyone who is not in the front.
        self._behind: set[Subscription] = set()
        self._sweeping = False
        # What follows a cursor, gathered once for all who stand there.
        self._news: dict[int, Stretch] = {}

    # --- The log ------------------------------------------------------------------------------

    def doubts(self, batch: bus.Batch) -> bool:
        """Whether this batch may tell of another past than the one we hold."""
        if batch.first == self.head + 1:
            return batch.previous_id != self.head_id
        if batch.last == self.head:
            return batch.last_id != self.head_id
        return batch.first <= self.head < batch.last

    def apply(self, batch: bus.Batch) -> bool:
        """Take a batch in if it is next, and those that waited for it. False: there is a gap."""
        self.known_head = max(self.known_head, batch.last)
        if batch.first > self.head + 1:
            self.early[batch.first] = batch
        if batch.first != self.head + 1:
            return not self.early
        self._append(batch)
        while self.early and (first := min(self.early)) <= self.head + 1:
            waited = self.early.pop(first)
            if waited.first == self.head + 1 and not self.doubts(waited):
                self._append(waited)
        self.fan_out()
        return self.head == self.known_head

    def _append(self, batch: bus.Batch) -> None:
        self.ring.append(self.stretch(batch.first, batch.last, batch.last_id, batch.changes))
        self.head, self.head_id = batch.last, batch.last_id
        counted.deliveries += len(batch.changes) * len(self.subscriptions)
        self._news.clear()
        while self.ring[0].last <= self.head - RING_NUMBERS:
            self.ring.popleft()

    def stretch(self, first: int, last: int, last_id: UUID | None, changes: Changes) -> Stretch:
        """These numbers, framed as everyone gets them."""
        messages = [Raw(encoded) for _, _, encoded in changes]
        event = protocol.RoomChanges(
            self.room.key, self.epoch, first, last, last_id, messages=messages
        )
        return Stretch(first, last, last_id, changes, frame(event))

    def changes_after(self, seq: int, id_: UUID | None) -> Changes | None:
        """What changed after a position, newest state only; None if the ring cannot tell."""
        if seq == self.head and id_ == self.head_id:
            return []
        missed: dict[int, tuple[int, int, bytes]] = {}
        known = False
        for stretch in self.ring:
            if known:
                for change in stretch.changes:
                    missed.pop(change[1], None)
                    missed[change[1]] = change
            elif stretch.last == seq:
                known = stretch.last_id == id_
        return list(missed.values()) if known else None

    @property
    def is_used(self) -> bool:
        return bool(self.subscriptions or self.entering)

    # --- The subscriptions --------------------------------------------------------------------

    def add(self, subscription: Subscription) -> None:
        """Follow the room from the subscription's cursor on, instead of from an earlier one's."""
        if earlier := self.subscriptions.get(subscription.connection):
            self.remove(earlier)
        self.subscriptions[subscription.connection] = subscription
        self._behind.add(subscription)

    def remove(self, subscription: Subscription) -> None:
        if self.subscriptions.get(subscription.connection) is subscription:
            del self.subscriptions[subscription.connection]
        self._front.leave(subscription)
        self._behind.discard(subscription)

    def hold_back(self, subscription: Subscription) -> None:
        """Its socket takes nothing for now: it goes on from its own cursor, later."""
        if subscription.place is not None:
            self._front.leave(subscription)
            self._behind.add(subscription)

    def fan_out(self) -> None:
        """Write what is new to everyone who can take it, some at a time."""
        if not self._sweeping:
            self._sweeping = True
            self._sweep()

    def _sweep(self) -> None:
        """First those at the front, a chunk at a time, then the others."""
        front = self._front
        if front.news is None and front.cursor < self.head:
            self._bring_news()
        if news := front.news:
            self._sweep_front(news.frame)
        if front.news is None:
            self._pump_behind()
        if front.cursor < self.head:
            asyncio.get_running_loop().call_soon(self._sweep)
        else:
            self._sweeping = False

    def _bring_news(self) -> None:
        front = self._front
        front.news = self._news_after(front.cursor) if front else None
        if front.news is None:
            # Nobody is there; or so much came during the last sweep that the ring has forgotten
            # where they stand, and each goes on alone.
            for subscription in front.members():
                self.hold_back(subscription)
            front.cursor = self.head

    def _sweep_front(self, frame: Frame) -> None:
        for subscription, sent in self._front.sweep(SWEEP_CHUNK):
            self._behind.add(subscription)
            if sent < 0:
                subscription.connection.socket.abort()
            else:
                self._or_cut_off(
                    subscription, partial(subscription.connection.socket.write_rest, frame, sent)
                )

    def _pump_behind(self) -> None:
        for subscription in list(self._behind):
            self._or_cut_off(subscription, partial(self.pump, subscription))

    def _or_cut_off(self, subscription: Subscription, write: Callable[[], None]) -> None:
        try:
            write()
        except Exception:
            # One broken socket must not stop the others, and with it the room.
            logger.exception("Room %s: a socket is broken; cut off", self.room.key)
            subscription.connection.socket.abort()

    def pump(self, subscription: Subscription) -> None:
        """Write everything after the cursor for as long as the socket takes it."""
        if subscription.place is not None or subscription.reading:
            return
        socket = subscription.connection.socket
        while subscription.cursor < self.head and socket.writable:
            news = self._news_after(subscription.cursor)
            if news is None:
                self._read_behind(subscription)
                return
            socket.write(news.frame)
            subscription.cursor = news.last
        self._join_front(subscription)

    def _join_front(self, subscription: Subscription) -> None:
        front = self._front
        if subscription.cursor == front.cursor and front.news is None:
            send = subscription.connection.socket.direct_send()
            if send is not None and subscription in self._behind:
                self._behind.discard(subscription)
                front.join(subscription, send)

    def _news_after(self, cursor: int) -> Stretch | None:
        return self._news.get(cursor) or self._gather(cursor)

    def _gather(self, cursor: int) -> Stretch | None:
        """What the ring holds after a cursor, as one write; None if it does not reach so far back.

        Kept until the log goes on: most cursors stand at the same number.
        """
        stretches: list[Stretch] = []
        size = 0
        for stretch in self._after(cursor):
            size += len(stretch.frame.wire)
            if stretches and size > protocol.SERVER_FRAME_MAX:
                break
            stretches.append(stretch)
        if not stretches or stretches[0].first > cursor + 1:
            return None
        if stretches[0].first <= cursor:
            # A reader from elsewhere may stand where none of our batches ends.
            cut = stretches[0]
            rest = [change for change in cut.changes if change[0] > cursor]
            stretches[0] = self.stretch(cursor + 1, cut.last, cut.last_id, rest)
        last = stretches[-1]
        frame = Frame.joined([stretch.frame for stretch in stretches])
        news = Stretch(cursor + 1, last.last, last.last_id, [], frame)
        if len(self._news) < NEWS_MAX:
            self._news[cursor] = news
        return news

    def _after(self, cursor: int) -> list[Stretch]:
        found: list[Stretch] = []
        for stretch in reversed(self.ring):
            if stretch.last <= cursor:
                break
            found.append(stretch)
        return found[::-1]

    def broadcast(self, event: Frame) -> None:
        """Write what goes on among members to each who can take it now; it is not of the log."""
        for subscription in list(self.subscriptions.values()):
            socket = subscription.connection.socket
            if socket.writable and not subscription.connection.is_visitor:
                self._or_cut_off(subscription, partial(socket.write, event))
