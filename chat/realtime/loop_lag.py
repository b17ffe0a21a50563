"""How late the event loop is."""

import asyncio

from ..metrics import LOOP_LAG_SECONDS
from ..scheduler import Scheduler

TICK_SECONDS = 1.0


class LoopLag:
    """Wakes every second, and notes how late that was."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + TICK_SECONDS
        self._missed_by = 0.0
        scheduler.every(lambda: self._due - self._loop.time(), self._tick)

    @property
    def lateness(self) -> float:
        """By how many seconds the loop missed its last tick, or is missing the next one."""
        return max(self._missed_by, self._loop.time() - self._due)

    async def _tick(self, count: int) -> None:
        now = self._loop.time()
        self._missed_by, self._due = max(0.0, now - self._due), now + TICK_SECONDS
        LOOP_LAG_SECONDS.observe(self._missed_by)
