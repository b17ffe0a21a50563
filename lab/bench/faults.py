"""The fault desk: what can be done to nodes, servers and edges, by name."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable

import psycopg
import redis
from msgspec import Struct

from ..checker.records import Restored
from ..checker.records import now as record_time
from ..kit.client_protocol import Position
from ..kit.servers import Postgres
from .bench_nodes import BenchNode
from .edges import Edge, Once
from .stack import Stack
from .waiting import to_the_end, together


class UnknownFaultError(Exception):
    """There is no such fault, or not of this target; the message says what there is."""


class Break(Struct, kw_only=True):
    """What the desk offers: a name, its targets, and what happens."""

    name: str
    label: str
    sentence: str
    targets: list[str]
    # Options with their defaults, such as {"ms": 200}.
    options: dict[str, float] = {}


NODES = ["node-1", "node-2"]
PEOPLE = ["people-1", "people-2"]
EDGES = [*PEOPLE, "redis-1", "redis-2", "postgres-1", "postgres-2"]
ANY_HINT = ["", "redis-1", "redis-2"]

FAULTS = [
    Break(name="kill", label="Kill", sentence="It ends at once, in the middle of everything.",
          targets=[*NODES, "redis", "postgres"]),
    Break(name="freeze", label="Freeze", sentence="It stands still; its sockets stay open.",
          targets=NODES),
    Break(name="pause", label="Pause", sentence="It answers nothing; its sockets stay open.",
          targets=["redis"]),
    Break(name="resume", label="Resume", sentence="It goes on.", targets=[*NODES, "redis"]),
    Break(name="drain", label="Drain", sentence="It is stopped as a deploy stops it.",
          targets=NODES),
    Break(name="restart", label="Restart", sentence="It is killed if it runs, and starts again.",
          targets=[*NODES, "redis", "postgres"]),
    Break(name="copy", label="Take a copy", sentence="A copy of the data, as a standby holds it.",
          targets=["postgres"]),
    Break(name="fail-over", label="Fail over",
          sentence="The copy that was taken takes over. What came since is lost.",
          targets=["postgres"]),
    Break(name="cut", label="Cut", sentence="All connections end, and no new one is made.",
          targets=EDGES),
    Break(name="silence", label="Silence", sentence="Nothing arrives, and nobody is told.",
          targets=EDGES),
    Break(name="delay", label="Delay", sentence="Everything takes longer, both ways.",
          targets=EDGES, options={"ms": 200}),
    Break(name="drop", label="Drop", targets=EDGES, options={"share": 0.3},
          sentence="A share of the messages is lost; to PostgreSQL they are late instead."),
    Break(name="drop-next-hint", label="Drop the next hint", targets=ANY_HINT,
          sentence="Redis never gets the next message that a node publishes."),
    Break(name="cut-after-commit", label="Cut after the commit",
          targets=["", *PEOPLE, "postgres-1", "postgres-2"],
          sentence="The next message is stored; the connection ends before the answer is told."),
    Break(name="stop-reading", label="Stop reading", targets=PEOPLE,
          sentence="Nothing that the node writes to people is read."),
    Break(name="heal", label="Heal", sentence="All that was done to this edge is gone.",
          targets=EDGES),
]  # fmt: skip


# What happens to the next message, or breaks nothing: a moment of the timeline, and no stretch.
AT_ONCE = {"copy", "drop-next-hint", "cut-after-commit"}
# What is broken only until it is done.
OVER_WHEN_DONE = {"restart", "fail-over"}


def _kind(name: str) -> str:
    return "heal" if name in ("heal", "resume") else "fault"


class FaultDesk:
    """Injects faults into one stack, and takes them back."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._events = stack.events
        self.redis_state = "up"
        self.postgres_state = "up"
        # Called after PostgreSQL was started: its settings may be those of an older copy.
        self.on_postgres_started: Callable[[], Awaitable[None]] | None = None
        # What a fail-over took back; part of every history.
        self.restored: list[Restored] = []
        self._copy = stack.folder / "copy"
        self._draining: set[asyncio.Task[None]] = set()

    async def inject(self, name: str, target: str = "", **options: float) -> None:
        """Do it, and return when it is done; a drain goes on by itself."""
        fault = next((fault for fault in FAULTS if fault.name == name), None)
        if fault is None or target not in fault.targets:
            there = ", ".join(fault.targets) if fault else ", ".join(f.name for f in FAULTS)
            raise UnknownFaultError(f"{name} {target}: there is {there}")
        if unknown := options.keys() - fault.options.keys():
            raise UnknownFaultError(f"{name} takes no {', '.join(sorted(unknown))}")
        lane, words = self._lane(target), f"{fault.label} {target}".strip()
        self._events.add(lane, "note" if name in AT_ONCE else _kind(name), words)
        await self._do(name, target, fault.options | options)
        if name in OVER_WHEN_DONE:
            self._events.add(lane, "heal", f"{words}: done")

    async def heal(self) -> None:
        """Edges whole, servers up, nodes up; in this order, since nodes need their servers."""
        for edge in self._stack.edges.values():
            edge.heal()
        if self.redis_state != "up":
            await self._redis("restart" if self.redis_state == "down" else "resume")
        if self.postgres_state != "up":
            await self._postgres("restart")
        await together(*(node.heal() for node in self._stack.nodes))
        await asyncio.gather(*self._draining)

    async def close(self) -> None:
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)
        if self.redis_state == "paused":
            await self._redis("resume")

    def _lane(self, target: str) -> str:
        edge = self._stack.edges.get(target)
        if edge is None:
            return target or "redis"
        return edge.target if target.startswith("people") else edge.source

    async def _do(self, name: str, target: str, options: dict[str, float]) -> None:
        if target in NODES:
            await self._node(name, next(n for n in self._stack.nodes if n.name == target))
        elif target == "redis":
            await self._redis(name)
        elif target == "postgres":
            await self._postgres(name)
        else:
            edges = [self._stack.edges[target]] if target else list(self._stack.edges.values())
            self._edges(name, edges, options)

    # --- Edges --------------------------------------------------------------------------------

    def _edges(self, name: str, edges: list[Edge], options: dict[str, float]) -> None:
        next_one = Once(armed=True)
        for edge in edges:
            match name:
                case "cut":
                    edge.cut = True
                case "silence":
                    edge.silent = True
                case "delay":
                    edge.delay_ms = options["ms"]
                case "drop":
                    edge.drop_share = options["share"]
                case "drop-next-hint":
                    edge.drops_next_hint = next_one
                case "cut-after-commit":
                    # By name of people only, unless PostgreSQL's edge was meant.
                    if len(edges) == 1 or edge.name in PEOPLE:
                        edge.cuts_after_commit = next_one
                case "stop-reading":
                    edge.stops_reading = True
                    edge.on_changed()
                case "heal":
                    edge.heal()

    # --- Nodes --------------------------------------------------------------------------------

    async def _node(self, name: str, node: BenchNode) -> None:
        match name:
            case "kill":
                await node.kill()
            case "freeze":
                node.freeze()
            case "resume":
                node.resume()
            case "drain":
                draining = asyncio.ensure_future(node.drain())
                self._draining.add(draining)
                draining.add_done_callback(self._draining.discard)
                # The signal is sent when this returns.
                await asyncio.sleep(0)
            case "restart":
                if node.state != "down":
                    await node.kill()
                await node.start()

    # --- Redis --------------------------------------------------------------------------------

    async def _redis(self, name: str) -> None:
        server = self._stack.deployment.redis
        match name:
            case "pause":
                if self.redis_state == "up":
                    self._redis_process = await asyncio.to_thread(_redis_process, server.url)
                    os.kill(self._redis_process, signal.SIGSTOP)
                    self.redis_state = "paused"
            case "resume":
                if self.redis_state == "paused":
                    os.kill(self._redis_process, signal.SIGCONT)
                    self.redis_state = "up"
            case "kill":
                self.redis_state = "down"
                await to_the_end(server.stop, signal.SIGKILL)
            case "restart":
                await to_the_end(server.stop, signal.SIGKILL)
                await to_the_end(server.start)
                self.redis_state = "up"

    # --- PostgreSQL ---------------------------------------------------------------------------

    async def _postgres(self, name: str) -> None:
        server = self._stack.deployment.postgres
        match name:
            case "kill":
                self.postgres_state = "down"
                await to_the_end(server.stop, signal.SIGQUIT)
            case "restart":
                await to_the_end(server.stop, signal.SIGQUIT)
                await self._start_postgres(server)
            case "copy":
                await to_the_end(shutil.rmtree, self._copy, True)
                await to_the_end(server.copy_to, self._copy)
            case "fail-over":
                if not self._copy.exists():
                    raise UnknownFaultError("There is no copy: take one first.")
                await to_the_end(self._swap, server)
                await self._start_postgres(server)

    async def _start_postgres(self, server: Postgres) -> None:
        await to_the_end(server.start)
        self.postgres_state = "up"
        if self.on_postgres_started is not None:
            await self.on_postgres_started()

    def _swap(self, server: Postgres) -> None:
        """Put the copy in the place of the data, and note how far its logs reach."""
        lost = self._stack.folder / "lost"
        self.postgres_state = "down"
        server.stop(signal.SIGQUIT)
        shutil.move(server.data, lost)
        shutil.move(self._copy, server.data)
        # On a port that no node knows, so that nothing is written yet.
        aside = server.aside()
        aside.start()
        for room, end in _ends(aside.url).items():
            at = {"t": record_time(), "actor": "bench", "room": room}
            self.restored.append(Restored(**at, epoch=end.epoch, head=end.seq))  # type: ignore[arg-type]
        aside.stop()
        shutil.rmtree(lost, ignore_errors=True)


def _ends(url: str) -> dict[str, Position]:
    """Where the log of each room ends."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT key, epoch, head, head_id::text FROM chat_roomhead"
            " JOIN chat_room r ON r.id = room_id"
        )
        return {key: Position(*end) for key, *end in rows}


def _redis_process(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.info("server")["process_id"])
