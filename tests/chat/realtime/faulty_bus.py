"""A bus that carries hints as badly as it is told."""

import asyncio
from collections.abc import Callable
from random import Random

from chat import bus


class FaultyBus:
    """Carries hints to one node, as badly as told."""

    def __init__(self, listener: Callable[[bus.BusMessage], None], random: Random) -> None:
        self._listener = listener
        self._random = random
        self.rooms: set[int] = set()
        self.published: list[bus.BusMessage] = []
        self.reconnects = 0
        self.heal()

    def heal(self) -> None:
        self.lost, self.doubled, self.latest, self.cut = 0.0, 0.0, 0.001, False
        self.heard_again = True

    def fail(self, *, lost: float = 0.0, doubled: float = 0.0, latest: float = 0.001) -> None:
        """Hints come with these chances not at all or twice, and up to so many seconds late."""
        self.lost, self.doubled, self.latest = lost, doubled, latest

    def go_deaf(self) -> None:
        """Nothing comes until the connection is made anew, after `mend`."""
        self.cut, self.heard_again = True, False

    def mend(self) -> None:
        self.cut = False

    def carry(self, hint: bus.BusMessage) -> None:
        if isinstance(hint, bus.Batch) and hint.room_id not in self.rooms:
            return
        if not self.heard_again or self._random.random() < self.lost:
            return
        for _ in range(2 if self._random.random() < self.doubled else 1):
            delay = self._random.uniform(0, self.latest)
            asyncio.get_running_loop().call_later(delay, self._listener, hint)

    # --- As chat.bus.Bus ----------------------------------------------------------------------

    def beat(self, rosters: list[bus.Roster]) -> None:
        self.publish(bus.EVERYWHERE, bus.NodeAlive("here", rosters))

    def publish(self, group: str | None, hint: bus.BusMessage) -> None:
        self.published.append(hint)
        self.carry(hint)

    async def subscribe(self, room_id: int) -> None:
        self.rooms.add(room_id)

    async def unsubscribe(self, room_id: int) -> None:
        self.rooms.discard(room_id)

    def reconnect(self) -> None:
        self.reconnects += 1
        self.heard_again = not self.cut
