"""The hub: keeps every live room of this node equal to the database, whatever the bus does.

Gaps are noticed three ways: a batch that starts too late, a look at all heads every second,
and a marker sent to ourselves each second, whose absence means that the bus has gone deaf.
"""

import asyncio
import contextvars
import logging
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Raw

from .. import bus, protocol
from ..errors import Unavailable
from ..messages import catch_up, history, room_heads
from ..metrics import counters
from ..rooms import access
from ..rooms.models import Room
from .connection import Connection
from .database_executors import DatabaseExecutors
from .head_poller import HeadPoller
from .room_stream import RoomStream, Subscription

logger = logging.getLogger(__name__)

K = TypeVar("K")
T = TypeVar("T")

# A batch that overtook another is usually followed by it within this time.
GAP_SECONDS = 0.05
POLL_SECONDS = 1.0
POLL_DEGRADED_SECONDS = 0.3
MARKER_SECONDS = 1.0
# Rooms that are behind at the same time are read together, so many at once.
GAPS_TOGETHER = 50
# So long without a marker, and the bus counts as deaf.
MARKER_LOST_SECONDS = 3.0


class Hub:
    """Subscriptions and fan-out of one process."""

    def __init__(self, executors: DatabaseExecutors, head_poller: HeadPoller) -> None:
        self.rooms: dict[int, RoomStream] = {}
        self._by_key: dict[str, RoomStream] = {}
        self.degraded = False
        self.bus: bus.Bus
        self._executors = executors
        self._head_poller = head_poller
        self._finding: dict[str, asyncio.Task[Room]] = {}
        self._opening: dict[int, asyncio.Task[RoomStream]] = {}
        # Told of rooms that are another kind now or are gone: who may see them, has changed.
        self.on_changed: Callable[[list[int]], Coroutine[Any, Any, None]] | None = None
        self._gaps: list[RoomStream] = []
        self._pages: dict[int, asyncio.Task[history.EncodedPage]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._marked_at = self._marker_heard_at = time.monotonic()
        self._nonce = 0
        # How long our last marker took to come back.
        self.marker_seconds = 0.0

    def start(self, ear: bus.Bus) -> None:
        self.bus = ear
        self._run(self._poll_heads())
        self._run(self._mark())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        # A fresh context: a task made inside a request would keep that request's thread executor.
        task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- Entering and leaving -----------------------------------------------------------------

    async def room(self, member_id: int, key: str) -> RoomStream:
        """The room under that key, followed from now on. NotFound if it is not for this member.

        What is found and followed is shared; whether it is for them is asked for each member.
        """
        live = self._by_key.get(key)
        if live is not None and access.is_for_everyone(live.room):
            return live
        room = await _once(self._finding, key, lambda: self._executors.read(access.find, key))
        if not access.is_for_everyone(room):
            await self._executors.read(access.require, room, member_id)
        if room.pk in self.rooms:
            return self.rooms[room.pk]
        return await _once(self._opening, room.pk, lambda: self._open(room))

    async def _open(self, room: Room) -> RoomStream:
        # First the ear, then the head: what is committed in between is heard or read, or both.
        await self.bus.subscribe(room.pk)
        epoch, head, head_id = await self._executors.read(room_heads.end_position, room)
        live = RoomStream(room, epoch, head, head_id, self._read_behind)
        self.rooms[room.pk] = self._by_key[room.key] = live
        return live

    async def enter(
        self, connection: Connection, key: str, since: protocol.Position | None, ref: str
    ) -> RoomStream:
        """Write the `room.entered` reply, and follow the room from there without a hole.

        Who is in already and asks anew hears nothing of the room before the reply.
        """
        held = self._hold(connection, key)
        try:
            live, page = await self._room_and_page(connection.member_id, key, since)
        except Exception:
            if held is not None:
                self._release(held)
            raise
        subscription = Subscription(connection, live, page.last)
        # The client asks on from `to`; until then it can take nothing newer.
        subscription.reading = page.more and since is not None and page.reset is None
        if not connection.closed:
            connection.subscriptions[key] = subscription
            live.add(subscription)
        connection.write(
            protocol.RoomEntered(
                ref,
                key,
                page.epoch,
                page.head,
                page.first,
                page.last,
                page.last_id,
                messages=page.messages,
                more=page.more,
                reset=page.reset,
            )
        )
        live.flush(subscription)
        self._expect(live, page.head)
        return live

    async def _room_and_page(
        self, member_id: int, key: str, since: protocol.Position | None
    ) -> tuple[RoomStream, history.EncodedPage]:
        while True:
            live = await self.room(member_id, key)
            room = live.room
            # However long the page takes, nobody closes the room meanwhile for being empty.
            live.entering += 1
            try:
                page = await self._page_for(live, since)
            finally:
                live.entering -= 1
            # It may have been closed before that, or because its log was replaced; or it was read
            # anew, and may be for others now.
            if self.rooms.get(room.pk) is live and live.room is room:
                return live, page

    def _hold(self, connection: Connection, key: str) -> Subscription | None:
        """Write no more of a room to who is in it: what is read for them would come twice."""
        earlier = connection.subscriptions.get(key)
        if earlier is None:
            return None
        # Its cursor is its own again.
        earlier.room.pause(earlier)
        held = Subscription(connection, earlier.room, earlier.cursor)
        held.reading = True
        held.room.add(held)
        connection.subscriptions[key] = held
        return held

    def _release(self, held: Subscription) -> None:
        """Go on from the cursor, unless they have left meanwhile."""
        if held.connection.subscriptions.get(held.room.room.key) is held:
            held.reading = False
            held.room.flush(held)

    def leave(self, connection: Connection, key: str) -> None:
        subscription = connection.subscriptions.pop(key, None)
        if subscription is not None:
            live = subscription.room
            live.remove(subscription)
            if not live.is_used:
                self.forget(live)

    def forget(self, live: RoomStream) -> None:
        """Follow this room no more."""
        if self.rooms.get(live.room.pk) is not live:
            return
        del self.rooms[live.room.pk]
        self._by_key.pop(live.room.key, None)
        self._pages.pop(live.room.pk, None)
        if live.gap_timer is not None:
            live.gap_timer.cancel()
        self._run(self.bus.unsubscribe(live.room.pk))

    async def _page_for(
        self, live: RoomStream, since: protocol.Position | None
    ) -> history.EncodedPage:
        if since is None:
            return await self._last_page(live)
        if since.epoch == live.epoch:
            missed = live.changes_after(since.seq, since.id)
            if missed is not None and sum(len(c[2]) for c in missed) < history.PAGE_BYTES:
                messages = [Raw(encoded) for _, _, encoded in missed]
                return history.EncodedPage(
                    live.epoch, live.head, since.seq + 1, live.head, live.head_id, messages, False
                )
        page = await self._executors.read(catch_up.since_encoded, live.room, since)
        if page.epoch != live.epoch:
            self._reset(live)
        return page

    async def _last_page(self, live: RoomStream) -> history.EncodedPage:
        """The last page, read once for all who ask while the head stands still."""
        task = self._pages.get(live.room.pk)
        if task is None or (task.done() and (task.exception() or task.result().head != live.head)):
            task = _shared(self._executors.read(history.last_page_encoded, live.room))
            self._pages[live.room.pk] = task
        return await asyncio.shield(task)

    # --- Hints --------------------------------------------------------------------------------

    def heard(self, hint: bus.BusMessage) -> None:
        """A hint about the log, from this node or another, in any order and any number of times."""
        match hint:
            case bus.Batch():
                live = self.rooms.get(hint.room_id)
                # A batch of another life is no news: the next look at the heads will tell.
                if live is not None and hint.epoch == live.epoch:
                    self._take(live, hint)
            case bus.Head():
                live = self.rooms.get(hint.room_id)
                if live is not None:
                    self._expect(live, hint.head)
            case bus.LoopbackProbe(nonce) if nonce > self._nonce - MARKER_LOST_SECONDS:
                self._marker_heard_at = time.monotonic()
                if nonce == self._nonce:
                    self.marker_seconds = self._marker_heard_at - self._marked_at

    def _take(self, live: RoomStream, batch: bus.Batch) -> None:
        if live.conflicts_with(batch):
            self._check_conflict(live, batch.last)
        elif not live.apply(batch):
            self._expect(live, batch.last)

    def _check_conflict(self, live: RoomStream, head: int) -> None:
        """What we hold may not be the log any more: ask the database which of us is right."""
        live.known_head = max(live.known_head, head)
        if not live.filling:
            live.filling = True
            self._run(self._check(live, live.head, live.head_id))

    def _expect(self, live: RoomStream, head: int) -> None:
        """The log reaches to `head`: read what is missing, unless it comes by itself at once."""
        live.known_head = max(live.known_head, head)
        if live.known_head > live.head and live.gap_timer is None and not live.filling:
            live.gap_timer = asyncio.get_running_loop().call_later(
                GAP_SECONDS, self._gap_is_due, live
            )

    def _gap_is_due(self, live: RoomStream) -> None:
        live.gap_timer = None
        if self._is_behind(live):
            live.filling = True
            counters.head_poll_repairs += live.unheard
            counters.hint_repairs += not live.unheard
            # Those whose time comes in the same moment are read together.
            self._gaps.append(live)
            if len(self._gaps) == 1:
                self._run(self._fill_gaps())
        live.unheard = False

    def _is_behind(self, live: RoomStream) -> bool:
        return live.known_head > live.head and self.rooms.get(live.room.pk) is live

    async def _fill_gaps(self) -> None:
        gaps, self._gaps = self._gaps, []
        chunks = [gaps[at : at + GAPS_TOGETHER] for at in range(0, len(gaps), GAPS_TOGETHER)]
        await asyncio.gather(*map(self._fill, chunks))

    async def _fill(self, rooms: list[RoomStream]) -> None:
        """Read everything after our heads, one read at a time, until nothing is missing."""
        try:
            while behind := [live for live in rooms if self._is_behind(live)]:
                places = [(live.room, live.head, live.head_id, live.epoch) for live in behind]
                batches = await self._executors.read(catch_up.gaps, places)
                for live in behind:
                    self._take_read(live, batches[live.room.pk])
        except Unavailable:
            pass  # the next look at the heads tries again
        finally:
            for live in rooms:
                live.filling = False

    def _take_read(self, live: RoomStream, batch: bus.Batch | None) -> None:
        if batch is None:
            self._reset(live)
            return
        logger.debug("Room %s: read %d…%d behind a hint", live.room.key, batch.first, batch.last)
        if batch.last <= live.head:
            live.known_head = live.head  # someone hinted at what never was
        elif batch.first == live.head + 1:
            live.apply(batch)

    async def _check(self, live: RoomStream, head: int, head_id: UUID | None) -> None:
        """Make sure that the log still holds what we heard of it."""
        try:
            if (
                await self._executors.read(catch_up.gap, live.room, head, head_id, live.epoch)
                is None
            ):
                self._reset(live)
        except Unavailable:
            pass  # the next look at the heads asks again
        finally:
            live.filling = False
        self._expect(live, live.head)

    def _reset(self, live: RoomStream) -> None:
        """The log lives another life: everyone starts anew from its last page."""
        logger.warning("Room %s: the log was replaced; asking everyone to resume", live.room.key)
        for connection in list(live.subscriptions):
            connection.close(protocol.CLOSE_RESYNC, "The room was restored.")
        self.forget(live)

    def _read_behind(self, subscription: Subscription) -> None:
        """A cursor has fallen out of the ring: bring it up from the database."""
        subscription.reading = True
        counters.replay_buffer_misses += 1
        self._run(self._bring_up(subscription))

    async def _bring_up(self, subscription: Subscription) -> None:
        live, connection = subscription.room, subscription.connection
        try:
            while subscription.cursor < live.head and connection.socket.writable:
                batch = await self._executors.read(
                    catch_up.changes_after, live.room, subscription.cursor
                )
                # Meanwhile they may have left, or come back with another cursor.
                is_here = live.subscriptions.get(connection) is subscription
                if not is_here or batch.epoch != live.epoch:
                    return
                segment = live.segment(batch.first, batch.last, batch.last_id, batch.changes)
                connection.socket.write(segment.frame)
                subscription.cursor = batch.last
        except Unavailable:
            connection.close(protocol.CLOSE_RESYNC, "The database gives no answer.")
            return
        finally:
            subscription.reading = False
        live.flush(subscription)

    # --- Looking for what was not heard -------------------------------------------------------

    async def _poll_heads(self) -> None:
        while True:
            period = POLL_DEGRADED_SECONDS if self.degraded else POLL_SECONDS
            await asyncio.sleep(period * random.uniform(0.8, 1.2))  # noqa: S311
            await self._poll_or_warn()

    async def _poll_or_warn(self) -> None:
        try:
            await self.poll()
        except Exception as error:
            # Whatever it was, the next look may succeed; and there must be one.
            logger.warning("The heads could not be looked at: %s", error)

    async def poll(self) -> None:
        """One query for the heads of all live rooms; whoever is behind reads."""
        if not self.rooms:
            return
        heads = await self._head_poller.heads(list(self.rooms))
        changed = [room_id for room_id in self.rooms if room_id not in heads]
        for room_id, (head, head_id, epoch, kind) in heads.items():
            live = self.rooms.get(room_id)
            if live is None:
                continue
            if kind != live.room.kind:
                changed.append(room_id)
            if epoch != live.epoch:
                self._reset(live)
            elif head < live.head or (head == live.head and head_id != live.head_id):
                # Older than what we heard since, or a log that lost its tail: the ids tell.
                self._check_conflict(live, head)
            else:
                live.unheard = head > live.known_head
                self._expect(live, head)
        for live in [live for live in self.rooms.values() if not live.is_used]:
            self.forget(live)
        if changed and self.on_changed is not None:
            await self.on_changed(changed)

    async def _mark(self) -> None:
        while True:
            self._nonce += 1
            self._marked_at = time.monotonic()
            self.bus.publish(None, bus.LoopbackProbe(self._nonce))
            await asyncio.sleep(MARKER_SECONDS)
            if self.silence() < MARKER_LOST_SECONDS:
                if self.degraded:
                    self.degraded = False
                    logger.warning("The bus is back; hints arrive again")
                    await self._poll_or_warn()
            else:
                if not self.degraded:
                    self.degraded = True
                    logger.warning("The bus is silent; looking at the database instead")
                self.bus.reconnect()
                # Time for the new subscription, before it counts as deaf too.
                await asyncio.sleep(MARKER_SECONDS)

    def silence(self) -> float:
        """For how many seconds nothing of our own has come back from the bus."""
        return time.monotonic() - self._marker_heard_at

    def lag(self) -> int:
        """How many numbers the room that is furthest behind knows of and does not have."""
        return max((live.known_head - live.head for live in self.rooms.values()), default=0)

    def heads(self, connection: Connection) -> dict[str, int]:
        return {key: sub.room.head for key, sub in connection.subscriptions.items()}


def _shared(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Work that several may wait for. What it raises is theirs, and nobody's if all hang up."""
    task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def _once(
    tasks: dict[K, asyncio.Task[T]], key: K, work: Callable[[], Coroutine[Any, Any, T]]
) -> T:
    """Wait for the work under this key, which all who come meanwhile share."""
    task = tasks.get(key)
    if task is None:
        task = tasks[key] = _shared(work())
        task.add_done_callback(lambda _: tasks.pop(key, None))
    return await asyncio.shield(task)
