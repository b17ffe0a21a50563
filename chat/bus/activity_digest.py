"""Tells every node, several times a second at most, where the logs of rooms end.

A batch goes to the nodes on which its room is live. Room lists show other rooms too, and a message
to everyone for each batch would cost Redis a second publish.
"""

import asyncio
from collections.abc import Callable

from .bus_messages import Batch, RoomEnds

DIGEST_SECONDS = 0.1
# One message tells of so many rooms.
ROOMS_MAX = 1000


class ActivityDigest:
    """Gathers what this node commits."""

    def __init__(self, publish: Callable[[RoomEnds], None]) -> None:
        self._publish = publish
        # By room: its head, and how many messages it has had.
        self._ends: dict[int, tuple[int, int]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def note(self, batch: Batch) -> None:
        if batch.posted is None:
            return
        self._ends[batch.room_id] = batch.last, batch.posted
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(DIGEST_SECONDS, self._tell)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self) -> None:
        self._timer = None
        ends = [(room_id, *end) for room_id, end in self._ends.items()]
        self._ends = {}
        for at in range(0, len(ends), ROOMS_MAX):
            self._publish(RoomEnds(ends[at : at + ROOMS_MAX]))
