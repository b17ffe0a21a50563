"""How long a page waits before it reconnects (as static/js/realtime/backoff.js)."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_SECONDS = 0.5
SHORT_INTERRUPTION_SECONDS = 30.0
LONGEST_AT_FIRST_SECONDS = 4.0
LONGEST_SECONDS = 30.0


@dataclass
class Backoff:
    """The waits of one interruption; `pace` shortens them all, and the interruption too."""

    pace: float = 1.0
    uniform: Callable[[float, float], float] = random.uniform
    clock: Callable[[], float] = time.monotonic
    _failures: int = 0
    _since: float | None = None

    def next(self) -> float:
        """Seconds."""
        now = self.clock()
        if self._since is None:
            self._since = now
        is_young = now - self._since < self.pace * SHORT_INTERRUPTION_SECONDS
        longest = LONGEST_AT_FIRST_SECONDS if is_young else LONGEST_SECONDS
        ceiling = min(longest, FIRST_SECONDS * 2**self._failures)
        self._failures += 1
        return self.pace * self.uniform(0, ceiling)

    def reset(self) -> None:
        self._failures, self._since = 0, None
