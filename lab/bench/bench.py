"""The bench: one object with which labs, the lab's page and tests see, break and switch off."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from ..checker.history import History
from ..checker.records import AnyRecord, Row
from ..checker.records import now as record_time
from .bench_clients import BenchClient
from .bench_nodes import BenchNode
from .disk import fsync_mean, message_at
from .edges import Edge
from .events import EventLog
from .faults import FAULTS, Break, FaultDesk
from .load import Load, LoadState
from .loop_lag import LoopLag
from .meter import Meter
from .repeated_keys import MARK
from .stack import Stack, running_stack
from .state import BenchState
from .supplies import Supplies
from .switchboard import Switchboard
from .switches import Switch
from .trace import Stages, Trace, clocks, trace_of
from .waiting import to_the_end, together, wait_until
from .watch import Watch


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
            await together(bench.ready(), bench.prepare())
            yield bench
        finally:
            await bench.close()


def _unmarked(record: AnyRecord) -> AnyRecord:
    """Without the mark behind a repeated key (inside/keys.py)."""
    if isinstance(record, Row) and MARK.search(record.cid):
        return msgspec.structs.replace(record, cid=MARK.sub("", record.cid))
    return record


class Bench:
    """Everything that can be seen and done. Times are those of clock.py."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.nodes: list[BenchNode] = stack.nodes
        self.edges: dict[str, Edge] = stack.edges
        self.events: EventLog = stack.events
        self.random: Random = stack.random
        self.clients: list[BenchClient] = []
        self._fault_desk = FaultDesk(stack)
        self._board = Switchboard(stack)
        self._supplies = Supplies(stack)
        self._fault_desk.on_postgres_started = self._board.apply_to_postgres
        self._url = stack.deployment.database_url
        self.meter = Meter(
            self._url, self.events, lambda: self.clients, lambda: self._fault_desk.restored
        )
        self._stages = Stages(self.events)
        self._board.on_stage = self._stages.take
        self.meter.on_page = self._stages.page
        self._load = Load(self.nodes, lambda: self.switches["jitter"].on)
        self._load_room = ""
        self._watch = Watch(
            stack, self._fault_desk, self._board, self.meter, self._load, self._stages
        )
        self._lag = LoopLag()

    # --- Breaking -----------------------------------------------------------------------------

    @property
    def faults(self) -> list[Break]:
        """What `fault` takes."""
        return FAULTS

    async def fault(self, name: str, target: str = "", **options: float) -> None:
        """Break something, as `faults` lists it. Raises UnknownFaultError."""
        await self._fault_desk.inject(name, target, **options)

    @property
    def switches(self) -> dict[str, Switch]:
        return self._board.switches

    async def switch(self, name: str, on: bool) -> None:
        """In all nodes, and again in those that start later. KeyError for an unknown name."""
        await self._board.switch(name, on)

    async def status(self, node: int) -> dict[str, Any] | None:
        """What node 1 or 2 says of itself (inside/control_socket.py); None if it says nothing."""
        return await self._board.status(self.nodes[node - 1])

    async def heal(self) -> None:
        """All faults away, all switches on; returns when both nodes serve and hear each other."""
        await self._fault_desk.heal()
        self.events.add("bench", "heal", "Everything is whole again")
        await self._board.all_on()
        await self.ready()

    async def ready(self, seconds: float = 30.0) -> None:
        """Wait until both nodes serve, and know each other. TimeoutError."""
        async with asyncio.timeout(seconds):
            await together(*(self._board.ready(node) for node in self.nodes))

    # --- People -------------------------------------------------------------------------------

    async def new_room(self) -> str:
        """The key of a room in which nothing was said."""
        return await self._supplies.room()

    async def client(self, name: str, node: int, room: str, **options: Any) -> BenchClient:
        """Someone who is in that room at node 1 or 2, and records what they see (clients.py).

        One name is one member. `options`: those of BenchClient.
        """
        jitter = self.switches["jitter"]
        client = BenchClient(
            name,
            await self._supplies.cookie(name),
            self.nodes[node - 1],
            room,
            has_jitter=lambda: jitter.on,
            **options,
        )
        self.clients.append(client)
        await client.open()
        return client

    async def cookies(self, count: int) -> list[str]:
        """Of members whom nobody else is given; a node knows them by `BenchNode.cookie`."""
        return await self._supplies.cookies(count)

    def introduce(self, name: str, cookie: str) -> None:
        """Whoever is called so from now on is the member with this cookie."""
        self._supplies.introduce(name, cookie)

    async def settled(self, room: str, seconds: float = 10.0) -> bool:
        """Whether all in this room are connected and stand where its log ends, before that time."""
        here = [client for client in self.clients if client.room == room and not client.has_left]
        end = (await to_the_end(self.stack.deployment.heads, [room]))[room]
        return await wait_until(
            lambda: all(client.connected and client.position == end for client in here), seconds
        )

    async def history(self, rooms: Iterable[str]) -> History:
        """What the clients of these rooms saw, and what the database holds now."""
        wanted = list(rooms)
        here = [client for client in self.clients if client.room in wanted]
        records: list[AnyRecord] = [r for client in here for r in client.records.all]
        records += [client.final() for client in here if not client.has_left]
        records += [restored for restored in self._fault_desk.restored if restored.room in wanted]
        dump = self.stack.deployment.dump
        rows = await to_the_end(lambda: list(dump(wanted, record_time())))
        records += map(_unmarked, rows)
        return History(records)

    # --- Seeing -------------------------------------------------------------------------------

    async def state(self, room: str = "") -> BenchState:
        """Everything as of now; heads and tabs are those of this room."""
        return await self._watch.state(room)

    async def trace(self, room: str, seq: int) -> Trace:
        """The way of the message under this number, as far as it was seen."""
        author, text, message = await to_the_end(message_at, self._url, room, seq)
        events = [
            event
            for event in self.events.since(0)
            if event.room == room and event.message == message and event.seq in (0, seq)
        ]
        sent = next((event.at for event in events if event.kind == "send"), 0.0)
        keystroke = self._stages.keystroke_before(sent)
        stages = self._stages.of(room, seq, message)
        hops = trace_of(events, stages, await to_the_end(fsync_mean, self._url), keystroke)
        said = clocks(self._lag.worst_ms)
        return Trace(room=room, seq=seq, author=author, text=text, hops=hops, clocks=said)

    async def load(self, people: int, per_second: float, room: str = "") -> None:
        """So many people more on both nodes, who say so much together; in a room of their own,
        unless one is named. 0 people: nobody.
        """
        if not people or room not in ("", self._load_room):
            await self._load.close()
        if not people:
            return
        self._load_room = room or self._load_room or await self.new_room()
        await self._load.shrink(people)
        cookies = await self._supplies.cookies(people - self._load.people)
        await self._load.set(self._load_room, cookies, per_second)

    @property
    def load_state(self) -> LoadState:
        return self._load.state

    async def prepare(self) -> None:
        """Have PostgreSQL measure what the trace tells of it."""
        await self._board.apply_to_postgres()

    async def close(self) -> None:
        """End what the bench itself has running."""
        self._lag.close()
        await self._load.close()
        await asyncio.gather(*(client.leave() for client in self.clients))
        await self._fault_desk.close()
        await self._board.close()
