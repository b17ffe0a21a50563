"""One run of a lab on the bench: a room of its own, its people, and what was noted on the way."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from ..bench.bench import Bench
from ..bench.bench_clients import BenchClient
from ..bench.waiting import wait_until
from ..checker.check import Finding, check
from ..checker.history import History
from ..checker.records import Row, hash_of
from .declaration import InconclusiveError

# So long a step waits for what it brings about. A slow machine makes a lab inconclusive, no more.
PATIENCE = 15.0
# So long after a fault a screen may be behind, with a little for a busy machine.
SETTLED_SECONDS = 5.0
# So many lines of a trace are shown.
TRACE_LINES = 20


class Scene:
    """What steps act on, and what the assertion looks at. All chance comes from `random`."""

    def __init__(self, bench: Bench, room: str, random: Random) -> None:
        self.bench = bench
        self.room = room
        self.random = random
        self.people: dict[str, BenchClient] = {}
        # What a step leaves for the assertion.
        self.notes: dict[str, Any] = {}
        # The number of the bench's last event before this lab.
        self.began = bench.events.last
        self._clean_ups: list[Callable[[], None]] = []

    # --- People -------------------------------------------------------------------------------

    async def enter(self, name: str, node: int, **options: Any) -> BenchClient:
        """Bring someone into the room through node 1 or 2."""
        client = self.people[name] = await self.bench.client(name, node, self.room, **options)
        await self.until(
            lambda: client.connected, f"{name} cannot connect: is node {node} up? Heal, try again."
        )
        return client

    async def two_people(self) -> tuple[BenchClient, BenchClient]:
        """Ada on node 1, Bob on node 2, who have said hello."""
        ada, bob = await asyncio.gather(self.enter("ada", 1), self.enter("bob", 2))
        await self.say("ada", "Hello, Bob!")
        await self.say("bob", "Hello, Ada!")
        await self.all_at(2)
        return ada, bob

    def __getitem__(self, name: str) -> BenchClient:
        return self.people[name]

    async def say(self, name: str, *texts: str) -> None:
        """Have it said, and wait until all of it is answered."""
        person = self.people[name]
        for text in texts:
            person.say(text)
        await self.until(
            lambda: person.outbox.unsent == 0, f"{name} got no answer. Heal, and try again."
        )

    async def all_at(self, seq: int) -> None:
        """Wait until everyone has read up to here."""
        await self.until(
            lambda: all(person.seq >= seq for person in self.people.values()),
            "Not everyone has what was said so far. Heal, and try again.",
        )

    async def settle(self) -> None:
        """Give everyone the time that is promised to reach the end of the log."""
        await self.bench.settled(self.room, SETTLED_SECONDS)

    async def until(
        self, holds: Callable[[], bool], otherwise: str, seconds: float = PATIENCE
    ) -> None:
        """Wait for a condition. InconclusiveError says what to do when it does not come."""
        if not await wait_until(holds, seconds):
            raise InconclusiveError(otherwise)

    # --- Looking ------------------------------------------------------------------------------

    async def history(self) -> History:
        """What everyone saw so far, and what the database holds now."""
        return await self.bench.history([self.room])

    async def findings(self, *rules: str) -> list[Finding]:
        """Which of these rules of the checker this room's history breaks; of all, if none named."""
        found = check(await self.history())
        return [finding for finding in found if not rules or finding.rule in rules]

    async def rows(self) -> list[Row]:
        """The room's log, as the database holds it now."""
        history = await self.history()
        return [row for _, row in sorted(history.log[self.room].items())]

    async def rows_saying(self, text: str) -> list[Row]:
        return [row for row in await self.rows() if row.hash == hash_of(text)]

    async def node_status(self, node: int) -> dict[str, Any]:
        """What node 1 or 2 says of itself."""
        told = await self.bench.status(node)
        if told is None:
            raise InconclusiveError(f"Node {node} does not answer. Heal, and try again.")
        return told

    def trace(self, *messages: str) -> list[str]:
        """What the bench saw of these messages, by their client_ids; of all messages without."""
        events = [
            event
            for event in self.bench.events.since(self.began)
            if event.room == self.room and (not messages or event.message in messages)
        ]
        first = events[0].at if events else 0.0
        return [
            f"{(event.at - first) * 1000:8.1f} ms  {event.lane}"
            + (f" → {event.to}" if event.to else "")
            + f": {event.kind}, {event.text}"
            for event in events[-TRACE_LINES:]
        ]

    def on_close(self, clean_up: Callable[[], None]) -> None:
        """To be called when this run ends, however it ends."""
        self._clean_ups.append(clean_up)

    async def close(self) -> None:
        for clean_up in self._clean_ups:
            clean_up()
        await asyncio.gather(*(person.leave() for person in self.people.values()))
        self.people.clear()
