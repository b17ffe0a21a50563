"""What is measured while a drill runs; the checker does not look at it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ..checker.records import Source


class Delivery(NamedTuple):
    """A frame with messages, as one client got it. Times in seconds; `at` since 1970."""

    at: float
    # Since the server made the oldest of its messages.
    lag: float
    # The same, or less: since its reader was there again.
    waited: float
    node: str
    source: Source
    room: str
    last: int
    messages: int


@dataclass
class Observations:
    """What all clients together saw, for the figures of the verdict."""

    deliveries: list[Delivery] = field(default_factory=list)
    # When, and how long after it was first sent.
    answers: list[tuple[float, float]] = field(default_factory=list)
    # When a client noticed that something is wrong, and how.
    signs: list[tuple[float, str]] = field(default_factory=list)
    # With which code sockets were closed that did not close themselves.
    closes: list[int] = field(default_factory=list)
    # When a client was back in all of its rooms, and how long it had been away.
    returns: list[tuple[float, float]] = field(default_factory=list)
