"""What a fault is: how it is injected, the clients it needs, and what must hold afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..drill.scenario import ClusterScenario

Inject = Callable[[ClusterScenario], Awaitable[None]]


@dataclass(frozen=True)
class Promise:
    """Limits for the figures of a drill. Durations in seconds."""

    # From healing until every connected client had reached the head of that moment.
    converged: float = 2.0
    # From the commit, or from its reconnection, until the last connected client had a message.
    # None: the fault hits the database or the sockets themselves.
    delivered: float | None = None
    # The 99th percentile of the same, while the fault lasts.
    delivered_p99: float | None = None
    # 95th percentile from losing the socket until back in all rooms. None: not a deploy.
    away_p95: float | None = None
    # The share of closed sockets that got the close code of a drain.
    farewells: float = 0.0


# Without hints, a node finds new messages by polling the heads, every 1.8 s at most.
WITHOUT_HINTS = Promise(delivered=2.0)


@dataclass(frozen=True)
class Fault:
    """A function that injects a failure and heals it, and the clients it needs."""

    name: str
    what: str
    inject: Inject
    rooms: int = 2
    # Seconds between two messages of one client; 0: it sends only what the fault says.
    pace: float = 0.5
    listeners: int = 0
    # Members for clients that are added while the drill goes on.
    reserve: int = 0
    body_size: int = 0
    narrow: int = 0
    # Seconds between two injections.
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
