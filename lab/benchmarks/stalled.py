"""Readers that stop reading."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from ..kit.chat_client import ChatClient
from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from .node_load import LoadResult, run_load

STALLED = 500
OTHERS = 200
RATE = 100
# Less than the 20 seconds after which a stalled socket is closed.
SECONDS = 15
RUNS = 3


def stalled(folder: Path) -> Iterator[str]:
    """500 stalled readers: what each of them costs, and what they cost the others."""
    without, with_them, costs, kernels = [], [], [], []
    with launch(folder, members=OTHERS + STALLED) as deployment, deployment.node() as node:
        run_load(deployment, node, sockets=OTHERS, rate=RATE, seconds=3)  # warm
        for _ in range(RUNS):
            said = _load(deployment, node)
            without.append(said.figures.delivery.percentile(99) / 1000)
            yield f"without: {said}"
            before = node.memory()
            said, memory, unread = asyncio.run(_load_beside_stalled(deployment, node))
            costs.append((memory - before) / STALLED / 1024)
            kernels.append(unread / STALLED / 1024)
            with_them.append(said.figures.delivery.percentile(99) / 1000)
            yield f"with {STALLED} stalled: {said}"
            time.sleep(2)
    yield (
        f"p99 without {min(without):.1f}–{max(without):.1f} ms, with them "
        f"{min(with_them):.1f}–{max(with_them):.1f} ms; each costs "
        f"{max(costs):.0f} KiB of the process and {max(kernels):.0f} KiB of the kernel"
    )


async def _load_beside_stalled(
    deployment: LocalDeployment, node: Node
) -> tuple[LoadResult, int, int]:
    """The load while 500 clients read nothing; then the bytes of the process and of the kernel."""
    readers = [await _stalled_reader(node, cookie) for cookie in deployment.cookies[OTHERS:]]
    said = await asyncio.to_thread(_load, deployment, node)
    memory, unread = node.memory(), _unread(node.port)
    for reader in readers:
        reader.abort()
    return said, memory, unread


def _load(deployment: LocalDeployment, node: Node) -> LoadResult:
    return run_load(deployment, node, sockets=OTHERS, rate=RATE, seconds=SECONDS)


async def _stalled_reader(node: Node, cookie: str) -> ChatClient:
    """A client that enters the room and never reads again."""
    client = ChatClient()
    await client.connect(node, cookie, receive_buffer=4096)
    await client.enter("room-0")
    client.pause_reading()
    return client


def _unread(port: int) -> int:
    """What the kernel holds of all that was written from this port."""
    held = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if int(local.split(":")[1], 16) == port:
            held += int(queues.split(":")[0], 16)
    return held
