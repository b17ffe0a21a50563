"""Which other nodes share our database: hints count only if they come from one of these.

Every node writes a beat into its database. A node that speaks on our Redis and has no beat in our
database works on another one, such as a copy of ours with our SECRET_KEY. A copy holds beats too,
of the nodes of the original; so a beat counts only if it was written after we began.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from ..maintenance import node_status
from ..scheduler import Scheduler
from .database_executors import DatabaseExecutors

# After an unknown node was heard for the first time, and after each look that found no beat, we
# look again: each time after twice as long, up to the longest; from then on only when one is heard.
LOOK_SECONDS = 0.1
LOOK_SECONDS_MAX = 10.0
STRANGERS_MAX = 1000


class Peers:
    """The nodes whose hints are about our database."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        scheduler: Scheduler,
        beat: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._executors = executors
        self._scheduler = scheduler
        self._beat = beat
        self._met: Callable[[str], None] = lambda node: None
        # The beats that were there before we looked; None until we have.
        self._inherited: dict[str, datetime] | None = None
        self._ours: set[str] = set()
        self._strangers: set[str] = set()
        self._wait = LOOK_SECONDS
        self._timer: asyncio.TimerHandle | None = None

    def start(self, met: Callable[[str], None]) -> None:
        """From now on `met` is told of each node that turns out to be ours."""
        self._met = met
        self._scheduler.run(self._start())

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def trusts(self, node: str) -> bool:
        """Whether this node is known to be one of ours; if not, we look soon."""
        if node in self._ours:
            return True
        if node not in self._strangers:
            if len(self._strangers) >= STRANGERS_MAX:
                self._strangers.clear()
            self._strangers.add(node)
            self._wait = LOOK_SECONDS
            self._look_later(sooner=True)
        else:
            self._look_later()
        return False

    def introduce(self) -> None:
        """A node that has met us looks for a beat that we wrote since it began."""
        self._scheduler.run(self._beat())

    async def _start(self) -> None:
        # First what others wrote: our own beat makes them write again.
        self._inherited = await self._executors.read(node_status.beats_of)
        await self._beat()

    def _look_later(self, *, sooner: bool = False) -> None:
        if self._timer is not None:
            if not sooner:
                return
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._wait, lambda: self._scheduler.run(self._look()))

    async def _look(self) -> None:
        self._timer = None
        self._wait = min(2 * self._wait, LOOK_SECONDS_MAX)
        try:
            if self._inherited is None:
                await self._start()
            beats = await self._executors.read(node_status.beats_of, self._strangers)
            for node, at in beats.items():
                if (self._inherited or {}).get(node) != at:
                    self._strangers.discard(node)
                    self._ours.add(node)
                    self._met(node)
        finally:
            if self._strangers and self._wait < LOOK_SECONDS_MAX:
                self._look_later()
