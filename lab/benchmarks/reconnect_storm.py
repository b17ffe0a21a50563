"""Everyone comes back at once."""

import asyncio
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import picows
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport

from chat import protocol

from ..kit.backoff import Backoff
from .measured_node import Node, Place, place

CLIENTS = 5_000
# Who says something on the other node, twenty times a second, before, meanwhile and after.
TALK_SECONDS = 0.05
PATIENCE_SECONDS = 90


class StormClient(WSListener):
    """A tab that comes back: to the node that is left, from where it was."""

    def __init__(self, storm: "Storm", cookie: str) -> None:
        super().__init__()
        self.storm = storm
        self.cookie = cookie
        self.position: protocol.Position | None = None
        self.transport: WSTransport | None = None
        self.closed = asyncio.Event()
        self.entered = asyncio.Event()

    async def stay(self, first: Node, second: Node) -> None:
        node, backoff = first, Backoff()
        while True:
            self.closed.clear()
            self.entered.clear()
            self.storm.attempts[int(time.monotonic())] += 1
            try:
                async with asyncio.timeout(10):
                    await self._connect(node)
                    await self.entered.wait()
                backoff.reset()
                await self.closed.wait()
            except (OSError, TimeoutError, picows.WSError):
                pass
            node = second
            await asyncio.sleep(backoff.next())

    async def _connect(self, node: Node) -> None:
        await picows.ws_connect(
            lambda: self,
            node.url,
            extra_headers={"Cookie": self.cookie, "Origin": node.origin},
            websocket_handshake_timeout=10,
            proxy=None,
        )

    def say(self, number: int) -> None:
        if self.transport is not None:
            command = protocol.SendMessage(str(number), "room-0", f"storm-{number}", "hello")
            self.transport.send(WSMsgType.TEXT, protocol.encode(command))

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        enter = protocol.EnterRoom("enter", "room-0", self.position)
        transport.send(WSMsgType.TEXT, protocol.encode(enter))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.transport = None
        self.closed.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if b'"room.changes"' in payload[:30] or b'"room.entered"' in payload[:30]:
            read = _decoder.decode(payload)
            self.position = protocol.Position(read.epoch, read.to, read.to_id)
            self.storm.resets += read.reset is not None
            if read.type == "room.entered":
                self.storm.returns.append(time.monotonic())
                self.entered.set()
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()


class _Read(msgspec.Struct):
    type: str
    epoch: str
    to: int
    to_id: UUID | None = None
    reset: str | None = None


_decoder = msgspec.json.Decoder(_Read)


class Storm:
    """What all tabs together saw."""

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
    """5,000 sockets on one node, which is killed: all of them come to the other at once."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with (
        place(folder, members=CLIENTS + 1) as here,
        here.node("node-1") as doomed,
        here.node("node-2") as left,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        yield from runner.run(_kill_and_wait(here, doomed, left))


async def _kill_and_wait(here: Place, doomed: Node, left: Node) -> list[str]:
    storm = Storm()
    tasks = [asyncio.ensure_future(_talk(StormClient(storm, here.cookies[CLIENTS]), left))]
    for number, cookie in enumerate(here.cookies[:CLIENTS]):
        tasks.append(asyncio.ensure_future(StormClient(storm, cookie).stay(doomed, left)))
        if number % 50 == 0:
            await asyncio.sleep(0.1)
    await storm.until(CLIENTS + 1, PATIENCE_SECONDS)
    await asyncio.sleep(5)
    before = await asyncio.to_thread(here.transactions)
    await asyncio.sleep(10)
    quiet = await asyncio.to_thread(here.transactions) - before

    storm.returns.clear()
    storm.attempts.clear()
    before = await asyncio.to_thread(here.transactions)
    killed, processor = time.monotonic(), left.processor_seconds()
    doomed.process.send_signal(signal.SIGKILL)
    await storm.until(CLIENTS, PATIENCE_SECONDS)
    processor = left.processor_seconds() - processor
    seconds = time.monotonic() - killed
    queries = await asyncio.to_thread(here.transactions) - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return _verdict(storm, killed, seconds, queries, quiet / 12.5, processor)


async def _talk(tab: StormClient, node: Node) -> None:
    await tab._connect(node)
    for number in range(1_000_000):
        tab.say(number)
        await asyncio.sleep(TALK_SECONDS)


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
