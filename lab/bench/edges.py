"""The edges of the bench: between browsers and nodes, nodes and Redis, nodes and PostgreSQL.

An edge is what can be done to a connection, and what is counted on it. The proxy carries
(proxy.py), and the wire of its kind knows what a message is (people_wire, redis_wire,
postgres_wire).
"""

from collections import deque
from collections.abc import Callable
from random import Random

from msgspec import Struct

from .clock import now

# Rates are those of the last seconds.
WINDOW_SECONDS = 3.0
# What one measured round trip weighs in the latency that is shown.
WEIGHT = 0.2
# A lost packet is sent again by TCP after about so long.
RESENT_MS = 200.0


class Once:
    """Something to be done to the next message; on two edges, to the first that comes on either."""

    def __init__(self, *, armed: bool = False) -> None:
        self.armed = armed

    def take(self) -> bool:
        """Whether it is this one."""
        is_this, self.armed = self.armed, False
        return is_this


class EdgeState(Struct, kw_only=True):
    """An edge as it is shown."""

    name: str
    source: str
    target: str
    # Messages of both ways in a second.
    rate: float
    latency_ms: float
    cut: bool
    silent: bool
    delay_ms: float
    drop_share: float
    dropped: int
    connections: int


class Edge:
    """One edge. Set `cut`, `silent`, `delay_ms`, `drop_share`: it holds for what comes from now on.

    `cut` hangs up on everyone and takes nobody. `silent` swallows everything, as a partition does,
    and hangs up when it ends, because what was swallowed never comes. `drop_share` of the messages
    are lost: frames on the way to people, hints on the way from Redis; to PostgreSQL TCP sends them
    again, so they are late.
    """

    def __init__(self, name: str, source: str, target: str, random: Random) -> None:
        self.name = name
        self.source = source
        self.target = target
        self.delay_ms = 0.0
        self.drop_share = 0.0
        self.latency_ms = 0.0
        self.dropped = 0
        self.connections = 0
        # Drops the next hint that is published over this edge; acknowledges it as Redis would.
        self.drops_next_hint = Once()
        # Hangs up instead of telling the next answer to a post: it is committed, nobody knows.
        self.cuts_after_commit = Once()
        # Reads nothing of what the node writes to people.
        self.stops_reading = False
        # Told when what was set may matter to open connections (proxy.py).
        self.on_changed: Callable[[], None] = lambda: None
        self._cut = False
        self._silent = False
        self._random = random
        self._moments: deque[float] = deque()

    @property
    def cut(self) -> bool:
        return self._cut

    @cut.setter
    def cut(self, on: bool) -> None:
        self._cut = on
        self.on_changed()

    @property
    def silent(self) -> bool:
        return self._silent

    @silent.setter
    def silent(self, on: bool) -> None:
        self._silent = on
        self.on_changed()

    def heal(self) -> None:
        """Everything away that was done to it."""
        self.delay_ms = self.drop_share = 0.0
        self.drops_next_hint, self.cuts_after_commit = Once(), Once()
        self.stops_reading = False
        self._cut = self._silent = False
        self.on_changed()

    def loses(self) -> bool:
        """Whether the message that comes now is one of those that are lost."""
        return bool(self.drop_share) and self._random.random() < self.drop_share

    # --- What is counted ----------------------------------------------------------------------

    def count(self, messages: int = 1) -> None:
        self._moments.extend([now()] * messages)
        self._forget()

    def answered(self, seconds: float) -> None:
        """A question was answered after so long."""
        told = seconds * 1000
        self.latency_ms += (told - self.latency_ms) * (WEIGHT if self.latency_ms else 1)

    @property
    def rate(self) -> float:
        self._forget()
        return len(self._moments) / WINDOW_SECONDS

    def _forget(self) -> None:
        begin = now() - WINDOW_SECONDS
        while self._moments and self._moments[0] < begin:
            self._moments.popleft()

    def state(self) -> EdgeState:
        return EdgeState(
            name=self.name,
            source=self.source,
            target=self.target,
            rate=round(self.rate, 2),
            latency_ms=round(self.latency_ms, 2),
            cut=self.cut,
            silent=self.silent,
            delay_ms=self.delay_ms,
            drop_share=self.drop_share,
            dropped=self.dropped,
            connections=self.connections,
        )
