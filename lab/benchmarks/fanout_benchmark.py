"""One large room."""

from collections.abc import Iterator
from pathlib import Path

from ..kit.launcher import launch
from .node_load import run_load

SOCKETS = 10_000
RATE = 20
SECONDS = 20


def fanout(folder: Path) -> Iterator[str]:
    """10,000 sockets in one room on one process, 20 messages a second."""
    with launch(folder, members=SOCKETS) as deployment, deployment.node() as node:
        said = run_load(deployment, node, sockets=SOCKETS, rate=RATE, seconds=SECONDS, processes=2)
        each = (said.memory - said.memory_before) / SOCKETS / 1024
        yield f"{SOCKETS:,} sockets, {RATE}/s for {SECONDS} s: {said}"
        yield f"{each:.1f} KiB of memory a socket"
