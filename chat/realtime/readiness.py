"""Whether a node may be sent people: what `/readyz` says (chatroom/server/health.py)."""

import asyncio

from ..errors import Unavailable
from ..maintenance.schema import missing_migrations
from ..scheduler import Scheduler
from .database_executors import DatabaseExecutors
from .loop_lag import LoopLag

# An event loop that is so late serves nobody well: new people go to other nodes meanwhile.
LATE_SECONDS = 5.0
LOOK_SECONDS = 1.0


class Readiness:
    """Ready: the loop keeps time, the migrations are applied, and the node is not draining.

    The database is asked until the migrations are found, and never again. If readiness failed
    with the database, a balancer would take away all nodes at once, and send everyone back at
    once. That nothing can be written is told, and changes no answer (docs/adr/0025).
    """

    def __init__(self, executors: DatabaseExecutors) -> None:
        self.draining = False
        # Why the last write of this node failed; empty where it did not.
        self.unwritable = ""
        self._executors = executors
        self._no_schema = "The database has not been seen yet."

    def start(self, scheduler: Scheduler) -> None:
        self._loop_lag = LoopLag(scheduler)
        scheduler.run(self._find_schema())

    @property
    def objection(self) -> str:
        """Why nobody should be sent here; empty if they may come."""
        if self.draining:
            return "This node is stopping."
        if (late := self._loop_lag.lateness) > LATE_SECONDS:
            return f"The event loop is {late:.1f} s late."
        return self._no_schema

    async def _find_schema(self) -> None:
        while self._no_schema:
            try:
                self._no_schema = await self._executors.read(missing_migrations)
            except Unavailable as error:
                self._no_schema = error.detail
            if self._no_schema:
                await asyncio.sleep(LOOK_SECONDS)
