"""Gap repair: reads from the database what a lost or late hint left out.

A gap is noticed in two ways: a batch begins after the number that should follow, or a look at the
heads finds the log further than we are. A batch that contradicts what we hold is checked as well.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from uuid import UUID

from .. import bus
from ..errors import Unavailable
from ..messages import catch_up
from ..metrics import counters
from ..scheduler import Scheduler
from .database_executors import DatabaseExecutors
from .room_stream import RoomStream

logger = logging.getLogger(__name__)

# A batch that overtook another is usually followed by it within this time.
GAP_SECONDS = 0.05
# Rooms that are behind at the same time are read together, so many at once.
GAPS_TOGETHER = 50


class GapRepair:
    """Brings the live rooms of one node up to their known heads."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        scheduler: Scheduler,
        rooms: Mapping[int, RoomStream],
        reset: Callable[[RoomStream], None],
    ) -> None:
        """`reset` is called with a room whose log was replaced."""
        self._executors = executors
        self._scheduler = scheduler
        self._rooms = rooms
        self._reset = reset
        # Rooms whose gap is due, and read by the next query.
        self._due: list[RoomStream] = []

    def take(self, live: RoomStream, batch: bus.Batch) -> None:
        """Apply a batch, and see to what is missing before it."""
        if live.conflicts_with(batch):
            self.check_conflict(live, batch.last)
        elif not live.apply(batch):
            self.expect(live, batch.last)

    def expect(self, live: RoomStream, head: int) -> None:
        """The log reaches to `head`: read what is missing, unless it comes by itself at once."""
        live.known_head = max(live.known_head, head)
        if live.known_head > live.head and live.gap_timer is None and not live.filling:
            live.gap_timer = asyncio.get_running_loop().call_later(
                GAP_SECONDS, self._gap_is_due, live
            )

    def check_conflict(self, live: RoomStream, head: int) -> None:
        """What we hold may not be the log any more: ask the database which of us is right."""
        live.known_head = max(live.known_head, head)
        if not live.filling:
            live.filling = True
            self._scheduler.run(self._check(live, live.head, live.head_id))

    def _gap_is_due(self, live: RoomStream) -> None:
        live.gap_timer = None
        if self._is_behind(live):
            live.filling = True
            counters.head_poll_repairs += live.unheard
            counters.hint_repairs += not live.unheard
            # Those whose time comes in the same moment are read together.
            self._due.append(live)
            if len(self._due) == 1:
                self._scheduler.run(self._fill_gaps())
        live.unheard = False

    def _is_behind(self, live: RoomStream) -> bool:
        return live.known_head > live.head and self._rooms.get(live.room.pk) is live

    async def _fill_gaps(self) -> None:
        due, self._due = self._due, []
        chunks = [due[at : at + GAPS_TOGETHER] for at in range(0, len(due), GAPS_TOGETHER)]
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
        """Reset the room unless the log still holds what we have of it."""
        place = live.room, head, head_id, live.epoch
        try:
            if await self._executors.read(catch_up.gap, *place) is None:
                self._reset(live)
        except Unavailable:
            pass  # the next look at the heads asks again
        finally:
            live.filling = False
        self.expect(live, live.head)
