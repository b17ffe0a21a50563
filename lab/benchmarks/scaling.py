"""How the cost grows: with sockets, with rooms, with nodes."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from ..kit.chat_client import ChatClient
from .measured_node import Node, Place, place
from .node_load import run_load

SOCKETS = (250, 1000, 2000, 4000)
ROOMS = (10, 100, 1000)
ROOMS_EACH = 100
NODES = (1, 2, 3)
IDLE_SECONDS = 8


def sockets(folder: Path) -> Iterator[str]:
    """Processor time of a delivery and memory of a socket, by the number of sockets in a room."""
    with place(folder, members=max(SOCKETS)) as here:
        for count in SOCKETS:
            with here.node() as node:
                said = run_load(here, node, sockets=count, rate=20, seconds=10)
                each = (said.memory - said.memory_before) / count / 1024
                yield f"{count:,} sockets: {said}; {each:.1f} KiB a socket"


def rooms(folder: Path) -> Iterator[str]:
    """What a silent node costs itself, PostgreSQL and Redis, by the number of its rooms."""
    with place(folder, members=20, rooms=max(ROOMS)) as here:
        for count in ROOMS:
            with here.node() as node:
                yield asyncio.run(_stay_silent(here, node, count))


async def _stay_silent(here: Place, node: Node, count: int) -> str:
    clients = []
    for start in range(0, count, ROOMS_EACH):
        client = await _connected(node, here.cookies[start // ROOMS_EACH])
        for number in range(start, min(count, start + ROOMS_EACH)):
            await client.enter(f"room-{number}")
        clients.append(client)
    await asyncio.sleep(3)
    before = await asyncio.to_thread(here.transactions)
    commands, processor, began = here.redis_commands(), node.processor_seconds(), time.monotonic()
    await asyncio.sleep(IDLE_SECONDS)
    seconds = time.monotonic() - began
    processor = node.processor_seconds() - processor
    commands = here.redis_commands() - commands
    statements = await asyncio.to_thread(here.transactions) - before
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
    with place(folder, members=200) as here:
        for count in NODES:
            with ExitStack() as stack:
                started = [stack.enter_context(here.node(f"node-{n}")) for n in range(count)]
                yield asyncio.run(_post_across(here, started))


async def _post_across(here: Place, started: list[Node]) -> str:
    clients = []
    for number, node in enumerate(started[1:]):
        client = await _connected(node, here.cookies[100 + number])
        await client.enter("room-0")
        clients.append(client)
    await asyncio.sleep(3)
    commands, began = here.redis_commands(), time.monotonic()
    await asyncio.sleep(5)
    quiet = (here.redis_commands() - commands) / (time.monotonic() - began)
    commands, began = here.redis_commands(), time.monotonic()
    said = await asyncio.to_thread(run_load, here, started[0], sockets=50, rate=100, seconds=8)
    commands = here.redis_commands() - commands
    more = (commands - quiet * (time.monotonic() - began)) / max(1, len(said.figures.accepted))
    for client in clients:
        client.close()
    return (
        f"{len(started)} nodes: {more:.2f} Redis commands a message and {quiet:.0f} a second at "
        f"rest; {said}"
    )
