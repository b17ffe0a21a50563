"""What waits to be published: first the hints about logs, in order, then presence.

In one queue, a thousand rosters that are due at once would push out the hints about messages.
"""

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class PublishQueue(Generic[T]):
    """Two queues for one publisher: first what comes in order, then the newest under each key."""

    def __init__(self, ordered_max: int, keyed_max: int) -> None:
        self._ordered: deque[T] = deque()
        self._keyed: dict[Hashable, T] = {}
        self._ordered_max = ordered_max
        self._keyed_max = keyed_max
        self._filled = asyncio.Event()
        # Nothing waits, and what was taken last is done.
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, item: T) -> bool:
        """In order behind what waits; False if too much does."""
        if len(self._ordered) >= self._ordered_max:
            return False
        self._ordered.append(item)
        self._note()
        return True

    def put_newest(self, key: Hashable, item: T) -> bool:
        """Instead of what waits under this key, at its place; False if too many keys do."""
        if key not in self._keyed and len(self._keyed) >= self._keyed_max:
            return False
        self._keyed[key] = item
        self._note()
        return True

    def _note(self) -> None:
        self._filled.set()
        self._idle.clear()

    async def get(self) -> T:
        """The next; the caller is done with the one before."""
        while not self._ordered and not self._keyed:
            self._filled.clear()
            self._idle.set()
            await self._filled.wait()
        if self._ordered:
            return self._ordered.popleft()
        return self._keyed.pop(next(iter(self._keyed)))

    def __len__(self) -> int:
        return len(self._ordered) + len(self._keyed)

    async def join(self) -> None:
        """Wait until everything has been taken, and is done."""
        await self._idle.wait()
