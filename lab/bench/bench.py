"""The bench: one object with which labs, the lab's page and tests see, break and switch off."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from .edges import Edge
from .events import EventLog
from .nodes import BenchNode
from .stack import Stack, running_stack


@asynccontextmanager
async def open_bench(
    folder: Path, *, seed: int = 1, fronts: Sequence[int] = (), lab_origin: str = ""
) -> AsyncIterator["Bench"]:
    """Two nodes, a durable PostgreSQL, Redis, and a proxy on every edge; gone when the block ends.

    `fronts`: the ports of the two front proxies, free ones by default. `lab_origin`: the pages that
    may frame the rooms, such as "http://localhost:8100 http://127.0.0.1:8100".
    """
    events, random = EventLog(), Random(seed)  # noqa: S311
    async with running_stack(folder, events, random, fronts, lab_origin.split()) as stack:
        bench = Bench(stack)
        try:
            yield bench
        finally:
            await bench.close()


class Bench:
    """Everything that can be seen and done. Times are those of clock.py."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.nodes: list[BenchNode] = stack.nodes
        self.edges: dict[str, Edge] = stack.edges
        self.events: EventLog = stack.events
        self.random = stack.random

    async def heal(self) -> None:
        """All faults away: edges whole, servers and nodes up."""
        for edge in self.edges.values():
            edge.heal()
        await asyncio.gather(*(node.heal() for node in self.nodes))

    async def new_room(self) -> str:
        """The key of a room in which nothing was said."""
        return self.stack.deployment.take_rooms(1)[0]

    async def close(self) -> None:
        """End what the bench itself has running."""
