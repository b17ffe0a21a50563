"""The latency of posts with some other work beside them and without, by turns."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvloop

from ..kit.launcher import LocalDeployment
from ..kit.node import Node
from .posters import Posters, enter_room

TABS = 20
RATE = 80
# Phases without and with, by turns, and how long each is.
PAIRS = 5
SECONDS = 4
# The start of a Django process; and a pause after each phase.
STARTING_SECONDS = 1.5
RESTING_SECONDS = 1

# Runs until it is cancelled.
Work = Callable[[], Coroutine[None, None, None]]


@dataclass(frozen=True)
class PostTimes:
    """What posts took without and with, in seconds, and how many were refused."""

    without: Sequence[float]
    beside: Sequence[float]
    refused: int

    def __str__(self) -> str:
        (p50, p99), (p50_beside, p99_beside) = map(_percentiles, (self.without, self.beside))
        return (
            f"p50 {p50:.1f} → {p50_beside:.1f} ms, p99 {p99:.1f} → {p99_beside:.1f} ms"
            f" (× {p99_beside / p99:.2f}), longest {1000 * max(self.without):.0f} →"
            f" {1000 * max(self.beside):.0f} ms; of {len(self.without):,} and"
            f" {len(self.beside):,} posts, {self.refused} refused"
        )


def _percentiles(took: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(took)
    return 1000 * ordered[len(ordered) // 2], 1000 * ordered[len(ordered) * 99 // 100]


def compare(
    deployment: LocalDeployment, node: Node, work: Work, *, tabs: int = TABS, rate: float = RATE
) -> PostTimes:
    """So many tabs post at this rate in all; every other phase with the work beside them."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure_by_turns(deployment, node, work, tabs, rate))


async def _measure_by_turns(
    deployment: LocalDeployment, node: Node, work: Work, count: int, rate: float
) -> PostTimes:
    tabs = [await enter_room(node, cookie) for cookie in deployment.cookies[:count]]
    posters = Posters(tabs, rate)
    without: list[tuple[float, float]] = []
    beside: list[tuple[float, float]] = []
    async with posters.posting():
        await asyncio.sleep(RESTING_SECONDS)
        for _ in range(PAIRS):
            without.append(await _phase())
            async with _running(work()):
                await asyncio.sleep(STARTING_SECONDS)
                beside.append(await _phase())
            await asyncio.sleep(RESTING_SECONDS)
    for tab in tabs:
        tab.close()
    return PostTimes(
        [took for phase in without for took in posters.took(*phase)],
        [took for phase in beside for took in posters.took(*phase)],
        posters.refused,
    )


async def _phase() -> tuple[float, float]:
    began = time.monotonic()
    await asyncio.sleep(SECONDS)
    return began, time.monotonic()


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()
