"""How the cost grows: with sockets, with rooms, with nodes."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from ..kit.chat_client import ChatClient
from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from .node_load import run_load
from .server_counters import redis_commands, transactions

SOCKETS = (250, 1000, 2000, 4000)
ROOMS = (10, 100, 1000)
ROOMS_EACH = 100
NODES = (1, 2, 3)
IDLE_SECONDS = 8


def sockets(folder: Path) -> Iterator[str]:
    """Processor time of a delivery and memory of a socket, by the number of sockets in a room."""
    with launch(folder, members=max(SOCKETS)) as deployment:
        for count in SOCKETS:
            with deployment.node() as node:
                said = run_load(deployment, node, sockets=count, rate=20, seconds=10)
                each = (said.memory - said.memory_before) / count / 1024
                yield f"{count:,} sockets: {said}; {each:.1f} KiB a socket"


def rooms(folder: Path) -> Iterator[str]:
    """What a silent node costs itself, PostgreSQL and Redis, by the number of its rooms."""
    with launch(folder, members=20, rooms=max(ROOMS)) as deployment:
        for count in ROOMS:
            with deployment.node() as node:
                yield asyncio.run(_stay_silent(deployment, node, count))


async def _stay_silent(deployment: LocalDeployment, node: Node, count: int) -> str:
    clients = []
    for start in range(0, count, ROOMS_EACH):
        client = await _connected(node, deployment.cookies[start // ROOMS_EACH])
        for number in range(start, min(count, start + ROOMS_EACH)):
            await client.enter(f"room-{number}")
        clients.append(client)
    await asyncio.sleep(3)
    before = await asyncio.to_thread(transactions, deployment)
    commands, processor, began = (
        redis_commands(deployment),
        node.processor_seconds(),
        time.monotonic(),
    )
    await asyncio.sleep(IDLE_SECONDS)
    seconds = time.monotonic() - began
    processor = node.processor_seconds() - processor
    commands = redis_commands(deployment) - commands
    statements = await asyncio.to_thread(transactions, deployment) - before
    for client in clients:
        client.close()
    return (
        f"{count:,} silent rooms: {100 * processor / seconds:.1f} % of a core, "
        f"{statements / (seconds + 2.5):.1f} statements and {commands / seconds:.0f} Redis "
        "commands a second"
    )


async def _connected(node: Node, cookie: str) -> ChatClient:
    client = ChatClient()
    await client.connect(node, cookie)
    return client


def nodes(folder: Path) -> Iterator[str]:
    """What Redis carries for each message, by the number of nodes that have clients in the room."""
    with launch(folder, members=200) as deployment:
        for count in NODES:
            with ExitStack() as stack:
                started = [stack.enter_context(deployment.node(f"node-{n}")) for n in range(count)]
                yield asyncio.run(_post_across(deployment, started))


async def _post_across(deployment: LocalDeployment, started: list[Node]) -> str:
    clients = []
    for number, node in enumerate(started[1:]):
        client = await _connected(node, deployment.cookies[100 + number])
        await client.enter("room-0")
        clients.append(client)
    await asyncio.sleep(3)
    commands, began = redis_commands(deployment), time.monotonic()
    await asyncio.sleep(5)
    quiet = (redis_commands(deployment) - commands) / (time.monotonic() - began)
    commands, began = redis_commands(deployment), time.monotonic()
    said = await asyncio.to_thread(
        run_load, deployment, started[0], sockets=50, rate=100, seconds=8
    )
    commands = redis_commands(deployment) - commands
    more = (commands - quiet * (time.monotonic() - began)) / max(1, len(said.figures.accepted))
    for client in clients:
        client.close()
    return (
        f"{len(started)} nodes: {more:.2f} Redis commands a message and {quiet:.0f} a second at "
        f"rest; {said}"
    )
