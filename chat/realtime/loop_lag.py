"""How punctual the event loop is."""

import asyncio
import contextvars

from ..metrics import LOOP_LAG_SECONDS

TICK_SECONDS = 1.0


class LoopLag:
    """A task that wakes every second, and notes how late it was."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + TICK_SECONDS
        self._missed_by = 0.0
        # A fresh context: a task made inside a request would keep its thread executor.
        self._task = self._loop.create_task(self._beat(), context=contextvars.Context())

    def stop(self) -> None:
        self._task.cancel()

    @property
    def lateness(self) -> float:
        """By how many seconds the loop missed its last beat, or is missing the next one."""
        return max(self._missed_by, self._loop.time() - self._due)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._due - self._loop.time())
            now = self._loop.time()
            self._missed_by, self._due = max(0.0, now - self._due), now + TICK_SECONDS
            LOOP_LAG_SECONDS.observe(self._missed_by)
