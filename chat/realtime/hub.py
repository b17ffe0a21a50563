"""The hub: keeps every live room of this node equal to the database, whatever the bus does.

What the bus tells is applied at once. What it does not tell is found by a look at all heads every
second (`poll`), more often while the bus is deaf (chat/realtime/bus_monitor.py).
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext

from .. import bus, protocol
from ..messages import room_heads
from ..rooms import access
from ..rooms.models import Room
from ..scheduler import Scheduler
from .bus_monitor import BusMonitor
from .connection import Connection
from .database_executors import DatabaseExecutors
from .gap_repair import GapRepair
from .head_poller import HeadPoller
from .room_stream import RoomStream
from .single_flight import once
from .subscription_catch_up import SubscriptionCatchUp

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
POLL_DEGRADED_SECONDS = 0.3


# Reads where a room's log ends: epoch, head, and the id of the head's row.
ReadEnd = Callable[[Room], Awaitable[tuple[str, int, UUID | None]]]


class Found(NamedTuple):
    """A room, and whether the member who asked for it first has joined it."""

    room: Room | None
    joined: bool
    asker: int


class Hub:
    """The live rooms of one process."""

    def __init__(
        self, executors: DatabaseExecutors, head_poller: HeadPoller, scheduler: Scheduler
    ) -> None:
        self.rooms: dict[int, RoomStream] = {}
        self.bus: bus.Bus
        self.monitor = BusMonitor(scheduler, self.poll)
        self.gaps = GapRepair(executors, scheduler, self.rooms, self.reset)
        # Called with rooms whose kind has changed or that are gone: others may see them now.
        self.on_changed: Callable[[list[int]], Coroutine[Any, Any, None]] | None = None
        self._executors = executors
        self._head_poller = head_poller
        self._scheduler = scheduler
        self._catch_up = SubscriptionCatchUp(executors, scheduler)
        self._by_key: dict[str, RoomStream] = {}
        # Raised when access to some rooms may have changed (room_access.py).
        self.access_number = 0
        self._finding: dict[str, asyncio.Task[Found]] = {}
        self._opening: dict[int, asyncio.Task[RoomStream]] = {}

    def start(self, node_bus: bus.Bus) -> None:
        self.bus = node_bus
        self._scheduler.every(self._poll_period, lambda _: self.poll())
        self.monitor.start(node_bus)

    # --- Rooms --------------------------------------------------------------------------------

    async def room(self, member_id: int, key: str, read_end: ReadEnd | None = None) -> RoomStream:
        """The room under that key, followed from now on. NotFound if it is not for this member.

        The room is found and followed once for all; whether it is for them is asked for each
        member. That is asked also where there is no room, so that the time tells nobody.

        `read_end` is used if the room is not live here yet.
        """
        live = self._by_key.get(key)
        if live is not None and access.is_for_everyone(live.room):
            return live
        found = await once(self._finding, key, lambda: self._find_for(key, member_id))
        room, is_open = found.room, found.room is not None and access.is_for_everyone(found.room)
        if not is_open and found.asker != member_id:
            await self.require_access(room, key, member_id)
        if room is None or not (is_open or found.asker != member_id or found.joined):
            raise access.no_such_room(key)
        if room.pk in self.rooms:
            return self.rooms[room.pk]
        return await once(
            self._opening, room.pk, lambda: self._open(room, read_end or self._read_end)
        )

    async def _find_for(self, key: str, member_id: int) -> Found:
        return Found(*await self._executors.read(access.find_for, key, member_id), member_id)

    async def require_access(self, room: Room | None, key: str, member_id: int) -> None:
        """NotFound unless this is a room that the member may see, as of now."""
        await self._executors.read(access.require_room, room, key, member_id)

    async def _open(self, room: Room, read_end: ReadEnd) -> RoomStream:
        # Subscribe before reading the head: what is committed in between is heard or read, or both.
        await self.bus.subscribe(room.pk)
        try:
            epoch, head, head_id = await read_end(room)
        except BaseException:
            await self.bus.unsubscribe(room.pk)
            raise
        live = RoomStream(room, epoch, head, head_id, self._catch_up.start)
        self.rooms[room.pk] = self._by_key[room.key] = live
        return live

    async def _read_end(self, room: Room) -> tuple[str, int, UUID | None]:
        return await self._executors.read(room_heads.end_position, room)

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
        if live.gap_timer is not None:
            live.gap_timer.cancel()
        self._scheduler.run(self.bus.unsubscribe(live.room.pk))

    def reset(self, live: RoomStream) -> None:
        """The log was replaced, by a restored backup for example: everyone starts from its last
        page.
        """
        logger.warning("Room %s: the log was replaced; asking everyone to resume", live.room.key)
        for connection in list(live.subscriptions):
            connection.close(protocol.CLOSE_RESYNC, gettext("The room was restored."))
        self.forget(live)

    # --- What the bus tells -------------------------------------------------------------------

    def on_message(self, hint: bus.BusMessage) -> None:
        """A hint about the log, from this node or another, in any order and any number of times."""
        match hint:
            case bus.Batch():
                live = self.rooms.get(hint.room_id)
                # A batch of another epoch is left out: the next look at the heads will tell.
                if live is not None and hint.epoch == live.epoch:
                    self.gaps.take(live, hint)
            case bus.Head():
                live = self.rooms.get(hint.room_id)
                if live is not None:
                    self.gaps.expect(live, hint.head)
            case bus.LoopbackProbe():
                self.monitor.probe_returned(hint.nonce)

    # --- What it does not tell ----------------------------------------------------------------

    def _poll_period(self) -> float:
        period = POLL_DEGRADED_SECONDS if self.degraded else POLL_SECONDS
        return period * random.uniform(0.8, 1.2)  # noqa: S311

    async def poll(self) -> None:
        """Ask for the heads of all live rooms with one query; rooms that are behind are read."""
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
                self.reset(live)
            elif head < live.head or (head == live.head and head_id != live.head_id):
                # Older than what we heard since, or a log that lost its tail: the ids tell.
                self.gaps.check_conflict(live, head)
            else:
                live.unheard = head > live.known_head
                self.gaps.expect(live, head)
        for live in [live for live in self.rooms.values() if not live.is_used]:
            self.forget(live)
        if changed and self.on_changed is not None:
            await self.on_changed(changed)

    # --- What others read of it ---------------------------------------------------------------

    @property
    def degraded(self) -> bool:
        return self.monitor.degraded

    def lag(self) -> int:
        """How many numbers the room that is furthest behind knows of and does not have."""
        return max((live.known_head - live.head for live in self.rooms.values()), default=0)

    def heads(self, connection: Connection) -> dict[str, int]:
        return {key: sub.room.head for key, sub in connection.subscriptions.items()}
