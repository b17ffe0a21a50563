"""Two processes behind one port."""

from collections.abc import Iterator
from pathlib import Path

from ..kit.launcher import launch
from .node_load import run_load

SOCKETS = 1000


def workers(folder: Path) -> Iterator[str]:
    """Closed loop into a room of 1,000: one process, two behind one port, and again."""
    with launch(folder, members=SOCKETS) as deployment:
        for count in (1, 2, 1, 2):
            with deployment.node("node-1", "--workers", str(count)) as node:
                said = run_load(
                    deployment, node, sockets=SOCKETS, window=10, seconds=8, senders=20, processes=1
                )
            rate = said.figures.received / max(said.figures.seconds, 0.001)
            busy = said.processor_seconds / said.seconds
            yield (
                f"{count} process{'es' if count > 1 else ''}: {rate:,.0f} deliveries/s; "
                f"cores used: {busy:.2f} by the chatroom, {said.figures.busiest:.2f} by the "
                f"generator; {said}"
            )
