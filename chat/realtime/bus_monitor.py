"""Whether the bus still carries: each second this node sends itself a probe.

A subscription can go deaf without an error. Probes that do not come back are the only sign of it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from .. import bus
from ..scheduler import Scheduler

logger = logging.getLogger(__name__)

PROBE_SECONDS = 1.0
# After so long without a probe of ours the bus counts as deaf.
PROBE_LOST_SECONDS = 3.0


class BusMonitor:
    """Sends the probes, and reconnects the bus when they stay away."""

    def __init__(self, scheduler: Scheduler, on_recovered: Callable[[], Awaitable[None]]) -> None:
        # Nothing of our own comes back: the database is asked more often instead.
        self.degraded = False
        # How long the last probe took to come back.
        self.probe_seconds = 0.0
        self._scheduler = scheduler
        self._on_recovered = on_recovered
        self._sent_at = self._heard_at = time.monotonic()
        self._nonce = 0

    def start(self, to_watch: bus.Bus) -> None:
        self._scheduler.run(self._probe(to_watch))

    def probe_returned(self, nonce: int) -> None:
        """A probe came back. One that was sent too long ago does not count."""
        if nonce > self._nonce - PROBE_LOST_SECONDS:
            self._heard_at = time.monotonic()
            if nonce == self._nonce:
                self.probe_seconds = self._heard_at - self._sent_at

    def silence(self) -> float:
        """For how many seconds no probe has come back."""
        return time.monotonic() - self._heard_at

    async def _probe(self, to_watch: bus.Bus) -> None:
        while True:
            self._nonce += 1
            self._sent_at = time.monotonic()
            to_watch.publish(None, bus.LoopbackProbe(self._nonce))
            await asyncio.sleep(PROBE_SECONDS)
            if self.silence() < PROBE_LOST_SECONDS:
                if self.degraded:
                    self.degraded = False
                    logger.warning("The bus is back; hints arrive again")
                    await self._scheduler.guarded(self._on_recovered())
            else:
                if not self.degraded:
                    self.degraded = True
                    logger.warning("The bus is silent; looking at the database instead")
                to_watch.reconnect()
                # The new subscription gets its time before it counts as deaf too.
                await asyncio.sleep(PROBE_SECONDS)
