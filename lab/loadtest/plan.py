"""What a load test is to do, how far it has come, and its clock."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class LoadPlan:
    """What is to be done. `rate` in messages a second, or else `window` messages unanswered."""

    url: str
    origin: str
    room: str
    cookies: list[str]
    sockets: int
    senders: int
    rate: float
    window: int
    seconds: float
    ramp: float
    processes: int
    # Tells the messages of this run from all others in the room.
    name: str


@dataclass(frozen=True)
class LoadProgress:
    """How far a process has come."""

    opened: int = 0
    failed: int = 0
    sent: int = 0
    accepted: int = 0
    answered: int = 0
    received: int = 0

    def __add__(self, other: "LoadProgress") -> "LoadProgress":
        return LoadProgress(
            self.opened + other.opened,
            self.failed + other.failed,
            self.sent + other.sent,
            self.accepted + other.accepted,
            self.answered + other.answered,
            self.received + other.received,
        )


def now_us() -> int:
    """Microseconds on the clock that all processes of a machine share."""
    return time.monotonic_ns() // 1000
