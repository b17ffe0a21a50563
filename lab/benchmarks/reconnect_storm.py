"""All clients reconnect at once."""

import asyncio
import itertools
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import uvloop

from ..kit.backoff import Backoff
from ..kit.chat_client import CONNECTION_ERRORS, ChatClient
from ..kit.client_protocol import Event, encode
from ..kit.launcher import LocalDeployment, launch
from ..kit.node import Node
from .server_counters import transactions

CLIENTS = 5_000
# One client posts on the other node, twenty times a second, before, meanwhile and after.
POST_SECONDS = 0.05
CONNECT_SECONDS = 10
ROOM = "room-0"
PATIENCE_SECONDS = 90


class StormClient(ChatClient):
    """Reconnects to the node that is left, and resumes at its position."""

    def __init__(self, storm: "Storm", cookie: str) -> None:
        super().__init__()
        self.storm = storm
        self.cookie = cookie

    async def stay_connected(self, first: Node, second: Node) -> None:
        node, backoff = first, Backoff()
        while True:
            self.storm.attempts[int(time.monotonic())] += 1
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self.connect(node, self.cookie, seconds=CONNECT_SECONDS)
                    await self.enter(ROOM, patience=CONNECT_SECONDS)
                backoff.reset()
                await self.closed.wait()
            except CONNECTION_ERRORS:
                pass
            node = second
            await asyncio.sleep(backoff.next())

    def on_event(self, event: Event) -> None:
        if event.type == "room.entered":
            self.storm.returns.append(time.monotonic())
            self.storm.resets += bool(event.reset)


class Storm:
    """What all clients counted."""

    def __init__(self) -> None:
        self.returns: list[float] = []
        self.attempts: Counter[int] = Counter()
        self.resets = 0

    async def until(self, back: int, seconds: float) -> None:
        """Wait until so many have entered."""
        deadline = time.monotonic() + seconds
        while len(self.returns) < back and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def reconnect_storm(folder: Path) -> Iterator[str]:
    """5,000 sockets on one node, which is killed: all of them reconnect to the other."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with (
        launch(folder, members=CLIENTS + 1) as deployment,
        deployment.node("node-1") as doomed,
        deployment.node("node-2") as left,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        yield from runner.run(_kill_and_wait(deployment, doomed, left))


async def _kill_and_wait(deployment: LocalDeployment, doomed: Node, left: Node) -> list[str]:
    storm = Storm()
    tasks = [asyncio.ensure_future(_post(StormClient(storm, deployment.cookies[CLIENTS]), left))]
    for number, cookie in enumerate(deployment.cookies[:CLIENTS]):
        tasks.append(asyncio.ensure_future(StormClient(storm, cookie).stay_connected(doomed, left)))
        if number % 50 == 0:
            await asyncio.sleep(0.1)
    await storm.until(CLIENTS + 1, PATIENCE_SECONDS)
    await asyncio.sleep(5)
    before = await asyncio.to_thread(transactions, deployment)
    await asyncio.sleep(10)
    quiet = await asyncio.to_thread(transactions, deployment) - before

    storm.returns.clear()
    storm.attempts.clear()
    before = await asyncio.to_thread(transactions, deployment)
    killed, processor = time.monotonic(), left.processor_seconds()
    doomed.process.send_signal(signal.SIGKILL)
    await storm.until(CLIENTS, PATIENCE_SECONDS)
    processor = left.processor_seconds() - processor
    seconds = time.monotonic() - killed
    queries = await asyncio.to_thread(transactions, deployment) - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return _verdict(storm, killed, seconds, queries, quiet / 12.5, processor)


async def _post(client: StormClient, node: Node) -> None:
    await client.connect(node, client.cookie)
    await client.enter(ROOM)
    for number in itertools.count():
        key = f"storm-{number}"
        client.send(encode("message.send", ref=key, room=ROOM, client_id=key, body="hello"))
        await asyncio.sleep(POST_SECONDS)


def _verdict(
    storm: Storm, killed: float, seconds: float, queries: int, usual: float, processor: float
) -> list[str]:
    back = sorted(at - killed for at in storm.returns)
    waves = [storm.attempts[second] for second in range(int(killed), int(killed + seconds) + 1)]
    more = queries - usual * (seconds + 2.5)
    return [
        f"{len(back):,} of {CLIENTS:,} are back: half after {back[len(back) // 2]:.1f} s, "
        f"95 % after {back[int(len(back) * 0.95)]:.1f} s, the last after {back[-1]:.1f} s; "
        f"{storm.resets} had to start anew",
        f"attempts in each second: {' '.join(map(str, waves))}; "
        f"{'a second wave' if rises_again(waves) else 'no second wave'}",
        f"{queries:,} statements meanwhile, {usual:.0f} a second are usual: "
        f"{more / CLIENTS:.3f} more for each who came back",
        f"{1e6 * processor / CLIENTS:,.0f} µs of processor time for each, talk included",
    ]


def rises_again(waves: list[int]) -> bool:
    """Whether, once it had fallen to half of the peak, it rose again above that."""
    peak = waves.index(max(waves))
    fallen = False
    for attempts in waves[peak:]:
        if fallen and attempts > max(waves) / 2:
            return True
        fallen = fallen or attempts < max(waves) / 2
    return False
