"""What happened on the bench, numbered in the order in which the bench learnt of it.

An event with `to` is an arrow of the timeline: it left `lane` at `at`, and came to the lane `to` at
`arrived`, or never (0). Clocks of one machine are one clock (clock.py), so arrows never go back.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from .clock import now

# So many events are kept. A page that comes later than that begins with the oldest of them.
KEPT = 5000


class BenchEvent(Struct, kw_only=True, omit_defaults=True):
    """`message` is the client_id of the message that it is about, wherever one is known."""

    n: int = 0
    at: float
    lane: str
    # send, commit, reply, publish, hint, delivered, shown; fault, heal, switch, state; note.
    kind: str
    text: str
    message: str = ""
    room: str = ""
    seq: int = 0
    to: str = ""
    arrived: float = 0.0
    # Of an arrow that was dropped on its way.
    lost: bool = False


class EventLog:
    """Appended to by the bench; read by number."""

    def __init__(self) -> None:
        self._events: deque[BenchEvent] = deque(maxlen=KEPT)
        self._last = 0
        self._grown = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the newest event."""
        return self._last

    def add(
        self,
        lane: str,
        kind: str,
        text: str,
        *,
        at: float = 0.0,
        message: str = "",
        room: str = "",
        seq: int = 0,
        to: str = "",
        arrived: float = 0.0,
        lost: bool = False,
    ) -> BenchEvent:
        """Note it; without `at` it happens now."""
        self._last += 1
        event = BenchEvent(
            n=self._last,
            at=at or now(),
            lane=lane,
            kind=kind,
            text=text,
            message=message,
            room=room,
            seq=seq,
            to=to,
            arrived=arrived,
            lost=lost,
        )
        self._events.append(event)
        self._grown.set()
        return event

    def since(self, n: int) -> list[BenchEvent]:
        """Everything after the event with this number that is still kept."""
        return [event for event in self._events if event.n > n]

    async def wait(self, n: int) -> list[BenchEvent]:
        """The same, as soon as there is something."""
        while self._last <= n:
            self._grown.clear()
            await self._grown.wait()
        return self.since(n)

    async def find(
        self, wanted: Callable[[BenchEvent], bool], *, after: int = 0, seconds: float = 10.0
    ) -> BenchEvent:
        """The first event after number `after` that is wanted; TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                for event in await self.wait(after):
                    if wanted(event):
                        return event
                    after = event.n
