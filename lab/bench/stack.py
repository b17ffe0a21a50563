"""The servers of the bench: PostgreSQL, Redis, two nodes, and a proxy on each edge between them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from ..kit.launcher import LocalDeployment, launch
from . import clock
from .bench_nodes import BenchNode
from .edges import Edge
from .events import EventLog
from .people_wire import PeopleWire
from .postgres_wire import PostgresWire
from .proxy import Proxy, Wire
from .redis_wire import RedisWire
from .waiting import to_the_end, together

NODES = 2
# Rooms that are there from the start, and members who can be clients; more are made when needed.
ROOMS = 40
MEMBERS = 60
WIRES: dict[str, type[Wire]] = {
    "people": PeopleWire,
    "redis": RedisWire,
    "postgres": PostgresWire,
}


@dataclass
class Stack:
    """Everything that runs. Edges and proxies by name: people-1, redis-1, postgres-1, people-2 …"""

    folder: Path
    events: EventLog
    random: Random
    deployment: LocalDeployment
    # The pages that may frame the rooms.
    lab_origins: Sequence[str]
    nodes: list[BenchNode] = field(default_factory=list)
    edges: dict[str, Edge] = field(default_factory=dict)
    proxies: dict[str, Proxy] = field(default_factory=dict)


@asynccontextmanager
async def running_stack(
    folder: Path,
    events: EventLog,
    random: Random,
    fronts: Sequence[int],
    lab_origins: Sequence[str],
) -> AsyncIterator[Stack]:
    """Started, and gone when the block ends, however it ends: processes, ports and files."""
    async with AsyncExitStack() as ending:
        # Where PostgreSQL needs an account of its own, that account must get to its folder.
        await to_the_end(folder.chmod, 0o711)
        servers = ExitStack()
        ending.push_async_callback(to_the_end, servers.close)
        launching = launch(
            folder,
            rooms=ROOMS,
            members=MEMBERS,
            within=folder,
            DJANGO_SETTINGS_MODULE="lab.bench.node_settings",
            ALLOWED_HOSTS="127.0.0.1,localhost",
            NODE_NAME="",
            LAB_CONTROL="",
            LAB_ORIGINS=" ".join(lab_origins),
            LAB_CLOCK_OFFSET=repr(clock.OFFSET),
        )
        deployment = await to_the_end(servers.enter_context, launching)
        stack = Stack(folder, events, random, deployment, lab_origins)
        for number in range(1, NODES + 1):
            await _add_node(stack, ending, number, [*fronts, 0, 0][number - 1])
        await together(*(node.start() for node in stack.nodes))
        yield stack


async def _add_node(stack: Stack, ending: AsyncExitStack, number: int, front_port: int) -> None:
    """A node that is not started yet, with the proxies around it."""
    name, deployment = f"node-{number}", stack.deployment
    redis, postgres = f"redis-{number}", f"postgres-{number}"
    await _add_proxy(stack, ending, redis, name, "redis", _port(deployment.redis.url))
    await _add_proxy(stack, ending, postgres, name, "postgres", _port(deployment.postgres.url))
    node = deployment.node(
        name,
        REDIS_URL=_through(deployment.redis.url, stack.proxies[redis].port),
        DATABASE_URL=_through(deployment.postgres.url, stack.proxies[postgres].port),
        LAB_CONTROL=str(stack.folder / f"{name}.sock"),
    )
    people = f"people-{number}"
    await _add_proxy(stack, ending, people, people, name, node.port, front_port)
    bench_node = BenchNode(node, stack.proxies[people].port, stack.edges[people])
    port = bench_node.front.port
    origins = [f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")]
    node.environment["SITE_ORIGINS"] = ",".join(origins)
    ending.push_async_callback(bench_node.end)
    stack.nodes.append(bench_node)


async def _add_proxy(
    stack: Stack,
    ending: AsyncExitStack,
    name: str,
    source: str,
    target: str,
    port: int,
    own_port: int = 0,
) -> None:
    edge = stack.edges[name] = Edge(name, source, target, stack.random)
    kind = WIRES[name.partition("-")[0]]
    proxy = stack.proxies[name] = Proxy(edge, port, lambda edge: kind(edge, stack.events))
    await proxy.start(own_port)
    ending.push_async_callback(proxy.stop)


def _port(url: str) -> int:
    return urlsplit(url).port or 0


def _through(url: str, port: int) -> str:
    """The same server, through the proxy at this port."""
    return url.replace(f":{_port(url)}/", f":{port}/")
