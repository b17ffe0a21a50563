"""What a fault is: how it is injected, the clients it needs, and what must hold afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..drill.scenario import ClusterScenario

Inject = Callable[[ClusterScenario], Awaitable[None]]


@dataclass(frozen=True)
class Promise:
    """What the figures of a drill must keep to. Durations in seconds."""

    # From the mending until everyone who was connected stood where the log ended then.
    converged: float = 2.0
    # From the commit, or from their return, until the last of those connected had a message.
    # None: the fault hits the database or the sockets themselves, and takes its own time.
    delivered: float | None = None
    # The same of 99 in 100, while the fault lasts.
    delivered_p99: float | None = None
    # From losing their socket until 95 in 100 were back in their rooms. None: no deploy's doing.
    away_p95: float | None = None
    # Of a hundred closed sockets, so many were told why.
    farewells: float = 0.0


# Without hints the room talks on. A node looks at the heads every 1.8 s at most.
WITHOUT_HINTS = Promise(delivered=2.0)


@dataclass(frozen=True)
class Fault:
    """A function that injects a failure and heals it, and the clients it needs."""

    name: str
    what: str
    inject: Inject
    rooms: int = 2
    # Seconds between two messages of one client; 0: it speaks only when told to.
    pace: float = 0.5
    listeners: int = 0
    # Members for clients that are added while the drill goes on.
    reserve: int = 0
    body_size: int = 0
    narrow: int = 0
    # So long it is quiet before the next inject.
    settle: float = 0.5
    promise: Promise = Promise()


FAULTS: dict[str, Fault] = {}


def fault(what: str, name: str = "", **needs: Any) -> Callable[[Inject], Inject]:
    """Register this function as a fault, under its own name unless `name` says another."""

    def register(inject: Inject) -> Inject:
        key = name or inject.__name__.replace("_", "-")
        FAULTS[key] = Fault(key, what, inject, **needs)
        return inject

    return register
