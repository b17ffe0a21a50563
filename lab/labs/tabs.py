"""Many tabs of one room, which come back elsewhere when their node sends them away."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..bench.bench_nodes import BenchNode
from ..kit.chat_client import CONNECTION_ERRORS, ChatClient
from ..kit.client_protocol import Event

# What a page waits at most before its first attempt, when nobody has told it a time.
FIRST_SECONDS = 0.5
CONNECT_SECONDS = 15.0
# So long at most it waits after an attempt that failed.
AGAIN_SECONDS = 2.0


class Tab(ChatClient):
    """One tab: it notes when it goes to the other node."""

    def __init__(self, cookie: str, room: str, *, has_jitter: Callable[[], bool]) -> None:
        super().__init__()
        self._cookie = cookie
        self._room = room
        self._has_jitter = has_jitter
        # When it was due at the other node, and whether it got in. Due, not there: by how much this
        # machine is late is no property of the chatroom.
        self.due_at = 0.0
        self.is_back = False

    async def open(self, node: BenchNode) -> None:
        """Raises one of CONNECTION_ERRORS."""
        address = replace(node.front, lane="")
        await self.connect(address, node.cookie(self._cookie), seconds=CONNECT_SECONDS)
        await self.enter(self._room, patience=CONNECT_SECONDS)

    async def move(self, other: BenchNode) -> None:
        """Wait for the end of this socket, then come back as a page does, on the other node."""
        await self.closed.wait()
        if not self.due_at:
            wait = random.uniform(0, FIRST_SECONDS)  # noqa: S311
            self.due_at = time.monotonic() + (wait if self._has_jitter() else FIRST_SECONDS / 2)
        await asyncio.sleep(max(0.0, self.due_at - time.monotonic()))
        while not self.is_back:
            # A busy node may refuse, or answer too late; a page tries again.
            try:
                await self.open(other)
                self.is_back = True
            except CONNECTION_ERRORS:
                await asyncio.sleep(random.uniform(0, AGAIN_SECONDS))  # noqa: S311

    def on_event(self, event: Event) -> None:
        if event.type == "bye" and event.retry_ms is not None:
            self.due_at = time.monotonic() + event.retry_ms / 1000


def most_within(moments: Sequence[float], seconds: float) -> int:
    """How many of these moments lie within one stretch of this length, at the most."""
    moments, most, first = sorted(moments), 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
