"""A load test (lab/loadtest) on a node, with what the node used for it."""

import secrets
import time
from dataclasses import dataclass

from ..kit.launcher import LocalDeployment
from ..kit.node import Node
from ..loadtest import coordinator
from ..loadtest.plan import LoadPlan, LoadProgress
from ..loadtest.results import Figures


@dataclass(frozen=True)
class LoadResult:
    """The figures of the generator, and the node's processor time while messages are sent."""

    figures: Figures
    processor_seconds: float
    seconds: float
    memory_before: int
    memory: int

    @property
    def microseconds(self) -> float:
        """Of processor time for each delivery."""
        return 1e6 * self.processor_seconds / max(1, self.figures.received)

    def __str__(self) -> str:
        f, load = self.figures, self.processor_seconds / max(self.seconds, 0.001)
        p50, p99 = (f.delivery.percentile(percent) / 1000 for percent in (50, 99))
        return (
            f"{f.received:,} of {f.expected:,} deliveries, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
            f"{self.microseconds:.1f} µs of processor time each ({100 * load:.0f} % of a core), "
            f"{'; '.join(f.faults) or 'clean'}"
        )


def run_load(
    deployment: LocalDeployment,
    node: Node,
    *,
    sockets: int,
    rate: float = 0,
    window: int = 0,
    seconds: float = 10,
    senders: int = 10,
    processes: int = 1,
    room: str = "room-0",
) -> LoadResult:
    """So many sockets in one room, and so many messages a second."""
    plan = LoadPlan(
        url=node.url,
        origin=node.origin,
        room=room,
        cookies=deployment.cookies,
        sockets=sockets,
        senders=min(senders, sockets),
        rate=rate,
        window=window,
        seconds=seconds,
        ramp=sockets / 500,
        processes=processes,
        name=f"load{secrets.token_hex(4)}",
    )
    memory_before = node.memory()
    began: list[float] = []

    def watch(phase: str, done: float, progress: LoadProgress) -> None:
        if phase == "Sending" and not began:
            began.extend((node.processor_seconds(), time.monotonic(), node.memory()))

    figures = coordinator.run(plan, watch)
    processor, at, memory = began or (node.processor_seconds(), time.monotonic(), memory_before)
    used = node.processor_seconds() - processor
    return LoadResult(figures, used, time.monotonic() - at, memory_before, int(memory))
