"""Ten thousand members in a thousand rooms, on two nodes."""

import asyncio
import os
import random
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import uvloop

from ..kit.chat_client import CONNECTION_ERRORS, ChatClient
from ..kit.client_protocol import Event, encode
from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from .server_counters import transactions

# A smaller run tries the measure out.
SCALE = float(os.environ.get("MEASURED_SCALE", "1"))
MEMBERS, ROOMS = round(10_000 * SCALE), round(1_000 * SCALE)
ROOMS_EACH = 10
# These members come later, and are in so many rooms.
WIDE_MEMBERS, WIDE_ROOMS = 20, round(500 * SCALE)
CONNECTING = 100
CONNECT_SECONDS = 60
REST_SECONDS = 15
POSTS, POST_SECONDS = 200, 0.1
# A message of which nobody has heard within this time is not counted.
PATIENCE_SECONDS = 4

_CLOSE = b"""
WITH rooms AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM chat_room
               WHERE key LIKE 'room-%%'),
     members AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM chat_member
                 WHERE name LIKE 'measured %%'),
     closed AS (UPDATE chat_room SET kind = 'private' WHERE id IN (SELECT id FROM rooms))
INSERT INTO chat_membership (room_id, member_id, role, notify, joined_at)
SELECT rooms.id, members.id, 'member', 'all', now() FROM members JOIN rooms
ON (rooms.n - members.n %% %(rooms)s + %(rooms)s) %% %(rooms)s < %(each)s
OR (members.n >= %(members)s AND rooms.n < %(wide)s)
"""


class Listener(ChatClient):
    """In the list of one member; it has entered the first of its rooms."""

    def __init__(self, measure: "Measure") -> None:
        super().__init__()
        self._measure = measure

    def on_event(self, event: Event) -> None:
        if event.type == "room.activity":
            self._measure.heard(event.room)


class Measure:
    """When a room was posted to, and when lists elsewhere first heard, and last."""

    def __init__(self, deployment: LocalDeployment, nodes: list[Node]) -> None:
        self._deployment = deployment
        self._nodes = nodes
        self._clients: list[Listener] = []
        self._posted: dict[str, float] = {}
        self._delays: list[float] = []

    def heard(self, room: str) -> None:
        if room in self._posted:
            self._delays.append(time.monotonic() - self._posted[room])

    async def run(self) -> list[str]:
        began, used = time.monotonic(), self._processor_seconds()
        await self._connect(range(MEMBERS))
        seconds, used = time.monotonic() - began, self._processor_seconds() - used
        memory = sum(node.memory() for node in self._nodes) / len(self._clients) / 1024
        said = [
            f"{len(self._clients):,} of {MEMBERS:,} came in {seconds:.0f} s: "
            f"{1e6 * used / MEMBERS:,.0f} µs of CPU and {memory:.0f} KiB each"
        ]
        await asyncio.sleep(10)
        said.append(f"at rest: {await self._at_rest()}")
        said.append(f"activity: {await self._post()}")
        await self._connect(range(MEMBERS, MEMBERS + WIDE_MEMBERS))
        await asyncio.sleep(5)
        said.append(
            f"{WIDE_MEMBERS} members in {WIDE_ROOMS} rooms came too: {await self._at_rest()}"
        )
        await asyncio.to_thread(self._deployment.redis.stop, signal.SIGKILL)
        await asyncio.sleep(5)
        said.append(f"without Redis, at rest: {await self._at_rest()}")
        said.append(f"without Redis, activity: {await self._post()}")
        return said

    async def _connect(self, numbers: range) -> None:
        turns = asyncio.Semaphore(CONNECTING)

        async def connect(number: int) -> None:
            client = Listener(self)
            async with turns:
                with suppress(*CONNECTION_ERRORS, TimeoutError):
                    node = self._nodes[number % len(self._nodes)]
                    cookie = self._deployment.cookies[number]
                    await client.connect(node, cookie, seconds=CONNECT_SECONDS)
                    await client.enter(f"room-{number % ROOMS}", patience=CONNECT_SECONDS)
                    self._clients.append(client)

        await asyncio.gather(*map(connect, numbers))

    async def _at_rest(self) -> str:
        before = await asyncio.to_thread(transactions, self._deployment)
        used, began = self._processor_seconds(), time.monotonic()
        await asyncio.sleep(REST_SECONDS)
        seconds = time.monotonic() - began
        used = self._processor_seconds() - used
        statements = await asyncio.to_thread(transactions, self._deployment) - before
        each = 100 * used / seconds / len(self._nodes)
        # The counters are waited for: nodes go on meanwhile.
        rate = statements / (time.monotonic() - began)
        return f"{each:.1f} % of a core a node, {rate:.0f} statements a second of both"

    async def _post(self) -> str:
        """From the sending of a message to its word in the lists of all who are elsewhere."""
        self._delays.clear()
        used, began = self._processor_seconds(), time.monotonic()
        for number in random.sample(range(len(self._clients)), POSTS):
            client = self._clients[number]
            [room] = client.positions
            # Of two messages in one room in a second, the second is told later.
            if room not in self._posted:
                self._posted[room] = time.monotonic()
                key = f"posted-{number}-{len(self._posted)}"
                client.send(encode("message.send", ref=key, room=room, client_id=key, body="hi"))
            await asyncio.sleep(POST_SECONDS)
        posted = len(self._posted)
        await asyncio.sleep(PATIENCE_SECONDS)
        used, seconds = self._processor_seconds() - used, time.monotonic() - began
        self._posted.clear()
        each = 100 * used / seconds / len(self._nodes)
        return (
            f"{posted} messages in as many rooms, told {len(self._delays):,} times: "
            f"{_spread(self._delays)}; {each:.1f} % of a core a node"
        )

    def _processor_seconds(self) -> float:
        return sum(node.processor_seconds() for node in self._nodes)


def many_rooms(folder: Path) -> Iterator[str]:
    """10,000 members in 1,000 private rooms on two nodes: at rest, and how soon lists hear."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with launch(folder, members=MEMBERS + WIDE_MEMBERS, rooms=ROOMS) as deployment:
        _close_rooms(deployment)
        with (
            deployment.node("node-1") as one,
            deployment.node("node-2") as other,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            yield from runner.run(Measure(deployment, [one, other]).run())


def _close_rooms(deployment: LocalDeployment) -> None:
    """Each room is for its members: each of them is in ten, one after the other."""
    with psycopg.connect(deployment.database_url, autocommit=True) as connection:
        numbers = {"rooms": ROOMS, "each": ROOMS_EACH, "members": MEMBERS, "wide": WIDE_ROOMS}
        connection.execute(_CLOSE, numbers)
        connection.execute("VACUUM ANALYZE")


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "nobody heard"
    ordered = sorted(1000 * one for one in seconds)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return f"p50 {middle:.0f}, p99 {late:.0f}, last {ordered[-1]:.0f} ms"
