"""How late the bench's own loop is: what its proxies note may be so late."""

import asyncio
import time
from collections import deque

EVERY_SECONDS = 0.25
KEPT_SECONDS = 10


class LoopLag:
    """Measures from when it is made until it is closed."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=int(KEPT_SECONDS / EVERY_SECONDS))
        self._task = asyncio.ensure_future(self._measure())

    @property
    def worst_ms(self) -> float:
        """Of the last ten seconds."""
        return 1000 * max(self._late, default=0.0)

    def close(self) -> None:
        self._task.cancel()

    async def _measure(self) -> None:
        while True:
            due = time.monotonic() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            self._late.append(max(0.0, time.monotonic() - due))
