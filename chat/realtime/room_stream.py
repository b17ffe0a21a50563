"""A live room: the recent end of one log, and the connections that follow it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Raw

from .. import bus, protocol
from ..messages.history import EncodedPage
from ..metrics import counters
from ..rooms.models import Room
from .fanout import Fanout
from .segment import Changes, Segment
from .sockets import Frame, frame

if TYPE_CHECKING:
    from .connection import Connection

logger = logging.getLogger(__name__)

# The replay buffer holds this many numbers, so that a short stall is served from memory.
REPLAY_BUFFER_NUMBERS = 500
# How a tombstone is known among encoded messages. No text holds this: quotes in it are escaped.
IS_DELETED = b'"deleted":true'
# Cursors whose frame is kept; nearly all subscriptions stand at one or two.
PENDING_FRAMES_MAX = 16
# Sockets written to before other work gets its turn.
FANOUT_CHUNK = 500


class Subscription:
    """A connection in a room: a cursor, not a queue."""

    __slots__ = ("connection", "cursor", "reading", "room", "slot")

    def __init__(self, connection: "Connection", room: "RoomStream", cursor: int) -> None:
        self.connection = connection
        self.room = room
        # The last number it has; while it is in the fan-out, the fan-out's cursor counts instead.
        self.cursor = cursor
        self.slot: int | None = None
        # A read of the database for this cursor is under way.
        self.reading = False


class RoomStream:
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
        # How many connections are about to subscribe, and wait for a page.
        self.entering = 0
        # The read of the last page that all who enter now share.
        self.last_page: asyncio.Task[EncodedPage] | None = None
        self.replay_buffer: deque[Segment] = deque()
        # Batches that came before their predecessors, by their first number.
        self.reorder_buffer: dict[int, bus.Batch] = {}
        # How far the log is known to reach.
        self.known_head = head
        # A look at the heads found it behind, and no hint has told of that.
        self.unheard = False
        self.gap_timer: asyncio.TimerHandle | None = None
        self.filling = False
        self._read_behind = read_behind
        self._fanout = Fanout(head)
        # The subscriptions that are not in the fan-out.
        self._behind: set[Subscription] = set()
        self._sweeping = False
        # By cursor: the frame that follows it, made once for all subscriptions there.
        self._pending_frames: dict[int, Segment] = {}

    # --- The log ------------------------------------------------------------------------------

    def conflicts_with(self, batch: bus.Batch) -> bool:
        """Whether this batch may belong to another past than the one we hold."""
        if batch.first == self.head + 1:
            return batch.previous_id != self.head_id
        if batch.last == self.head:
            return batch.last_id != self.head_id
        return batch.first <= self.head < batch.last

    def apply(self, batch: bus.Batch) -> bool:
        """Take a batch in if it is next, then those that waited for it. False: there is a gap."""
        self.known_head = max(self.known_head, batch.last)
        if batch.first > self.head + 1:
            self.reorder_buffer[batch.first] = batch
        if batch.first != self.head + 1:
            return not self.reorder_buffer
        self._append(batch)
        while self.reorder_buffer and (first := min(self.reorder_buffer)) <= self.head + 1:
            waited = self.reorder_buffer.pop(first)
            if waited.first == self.head + 1 and not self.conflicts_with(waited):
                self._append(waited)
        self.fan_out()
        return self.head == self.known_head

    def _append(self, batch: bus.Batch) -> None:
        self._forget_deleted(batch.changes)
        self.replay_buffer.append(
            self.segment(batch.first, batch.last, batch.last_id, batch.changes)
        )
        self.head, self.head_id = batch.last, batch.last_id
        counters.deliveries += len(batch.changes) * len(self.subscriptions)
        self._pending_frames.clear()
        while self.replay_buffer[0].last <= self.head - REPLAY_BUFFER_NUMBERS:
            self.replay_buffer.popleft()

    def _forget_deleted(self, changes: Changes) -> None:
        """What is deleted is not replayed any more: the deletion comes in its place."""
        gone = {seq for updated, seq, text in changes if updated != seq and IS_DELETED in text}
        if not gone:
            return
        for at, old in enumerate(list(self.replay_buffer)):
            kept = [change for change in old.changes if change[1] not in gone]
            if len(kept) < len(old.changes):
                self.replay_buffer[at] = self.segment(old.first, old.last, old.last_id, kept)

    def segment(self, first: int, last: int, last_id: UUID | None, changes: Changes) -> Segment:
        """These numbers, with the frame that every subscription gets."""
        messages = [Raw(encoded) for _, _, encoded in changes]
        event = protocol.RoomChanges(
            room=self.room.key,
            epoch=self.epoch,
            from_=first,
            to=last,
            to_id=last_id,
            messages=messages,
        )
        return Segment(first, last, last_id, changes, frame(event))

    def changes_after(self, seq: int, id_: UUID | None) -> Changes | None:
        """What changed after a position, newest state only; None if it is not in memory."""
        if seq == self.head and id_ == self.head_id:
            return []
        missed: dict[int, tuple[int, int, bytes]] = {}
        known = False
        for segment in self.replay_buffer:
            if known:
                for change in segment.changes:
                    missed.pop(change[1], None)
                    missed[change[1]] = change
            elif segment.last == seq:
                known = segment.last_id == id_
        return list(missed.values()) if known else None

    @property
    def is_used(self) -> bool:
        return bool(self.subscriptions or self.entering)

    # --- The subscriptions --------------------------------------------------------------------

    def add(self, subscription: Subscription) -> None:
        """Follow the room from this subscription's cursor on; it replaces an earlier one."""
        if earlier := self.subscriptions.get(subscription.connection):
            self.remove(earlier)
        self.subscriptions[subscription.connection] = subscription
        self._behind.add(subscription)

    def remove(self, subscription: Subscription) -> None:
        if self.subscriptions.get(subscription.connection) is subscription:
            del self.subscriptions[subscription.connection]
        self._fanout.leave(subscription)
        self._behind.discard(subscription)

    def pause(self, subscription: Subscription) -> None:
        """Its socket takes nothing for now: later it goes on from its own cursor."""
        if subscription.slot is not None:
            self._fanout.leave(subscription)
            self._behind.add(subscription)

    def fan_out(self) -> None:
        """Write what is new to every socket that takes it, a chunk at a time."""
        if not self._sweeping:
            self._sweeping = True
            self._sweep()

    def _sweep(self) -> None:
        """First the fan-out, a chunk at a time, then the other subscriptions."""
        fanout = self._fanout
        if fanout.pending is None and fanout.cursor < self.head:
            self._load_pending()
        if pending := fanout.pending:
            self._write_fanout(pending.frame)
        if fanout.pending is None:
            self._flush_behind()
        if fanout.cursor < self.head:
            asyncio.get_running_loop().call_soon(self._sweep)
        else:
            self._sweeping = False

    def _load_pending(self) -> None:
        fanout = self._fanout
        fanout.pending = self._pending_after(fanout.cursor) if fanout else None
        if fanout.pending is None:
            # Nobody is there; or so much came during the last sweep that the replay buffer does not
            # reach back to them any more, and each goes on alone.
            for subscription in fanout.members():
                self.pause(subscription)
            fanout.cursor = self.head

    def _write_fanout(self, frame: Frame) -> None:
        for subscription, sent in self._fanout.sweep(FANOUT_CHUNK):
            self._behind.add(subscription)
            if sent < 0:
                subscription.connection.socket.abort()
            else:
                self._or_cut_off(
                    subscription, partial(subscription.connection.socket.write_rest, frame, sent)
                )

    def _flush_behind(self) -> None:
        for subscription in list(self._behind):
            self._or_cut_off(subscription, partial(self.flush, subscription))

    def _or_cut_off(self, subscription: Subscription, write: Callable[[], None]) -> None:
        try:
            write()
        except Exception:
            # One broken socket must not stop the others, and with it the room.
            logger.exception("Room %s: a socket is broken; cut off", self.room.key)
            subscription.connection.socket.abort()

    def flush(self, subscription: Subscription) -> None:
        """Write everything after the cursor for as long as the socket takes it."""
        if subscription.slot is not None or subscription.reading:
            return
        socket = subscription.connection.socket
        while subscription.cursor < self.head and socket.writable:
            news = self._pending_after(subscription.cursor)
            if news is None:
                self._read_behind(subscription)
                return
            socket.write(news.frame)
            subscription.cursor = news.last
        self._join_fanout(subscription)

    def _join_fanout(self, subscription: Subscription) -> None:
        fanout = self._fanout
        if subscription.cursor == fanout.cursor and fanout.pending is None:
            send = subscription.connection.socket.direct_send()
            if send is not None and subscription in self._behind:
                self._behind.discard(subscription)
                fanout.join(subscription, send)

    def _pending_after(self, cursor: int) -> Segment | None:
        return self._pending_frames.get(cursor) or self._gather(cursor)

    def _gather(self, cursor: int) -> Segment | None:
        """What follows a cursor, as one write; None if the buffer does not reach so far back.

        Kept until the log goes on, because most cursors stand at the same number.
        """
        segments: list[Segment] = []
        size = 0
        for segment in self._after(cursor):
            size += len(segment.frame.wire)
            if segments and size > protocol.SERVER_FRAME_MAX:
                break
            segments.append(segment)
        if not segments or segments[0].first > cursor + 1:
            return None
        if segments[0].first <= cursor:
            # A reader from elsewhere may stand where none of our batches ends.
            cut = segments[0]
            rest = [change for change in cut.changes if change[0] > cursor]
            segments[0] = self.segment(cursor + 1, cut.last, cut.last_id, rest)
        last = segments[-1]
        frame = Frame.joined([segment.frame for segment in segments])
        news = Segment(cursor + 1, last.last, last.last_id, [], frame)
        if len(self._pending_frames) < PENDING_FRAMES_MAX:
            self._pending_frames[cursor] = news
        return news

    def _after(self, cursor: int) -> list[Segment]:
        found: list[Segment] = []
        for segment in reversed(self.replay_buffer):
            if segment.last <= cursor:
                break
            found.append(segment)
        return found[::-1]

    def broadcast(self, event: Frame) -> None:
        """Write an event that is not of the log to each member whose socket takes it now."""
        for subscription in list(self.subscriptions.values()):
            socket = subscription.connection.socket
            if socket.writable and not subscription.connection.is_visitor:
                self._or_cut_off(subscription, partial(socket.write, event))
