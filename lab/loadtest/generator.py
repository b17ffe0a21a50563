"""The sockets of one process: they enter a room, send on schedule, and check what comes."""

import asyncio
import os
import resource
import signal
import time
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection

import picows
import uvloop

from ..kit.chat_client import CONNECTION_ERRORS
from .load_socket import CONNECT_SECONDS, LoadSocket
from .plan import LoadPlan, LoadProgress, now_us
from .received_frames import Changes, Event, SeenMessage, decode
from .results import Figures

REPORT_SECONDS = 0.2
LAG_PROBE_SECONDS = 0.02
# So many overdue messages are sent before the sockets are listened to again.
SENT_AT_ONCE = 50
# Everyone gets the same bytes; so many different frames are remembered, to decode each once.
FRAMES_REMEMBERED = 512


class Generator:
    """Every `processes`-th socket of the plan, in the event loop of this process."""

    def __init__(self, plan: LoadPlan, process: int, parent: Connection) -> None:
        self.plan = plan
        self.parent = parent
        self.figures = Figures()
        self.loop = asyncio.get_running_loop()
        self.mine = range(process, plan.sockets, plan.processes)
        self.clients: dict[int, LoadSocket] = {}
        self.starts: asyncio.Future[int] = self.loop.create_future()
        self.stops: asyncio.Future[int] = self.loop.create_future()
        self.start = self.until = self.last_received = 0
        self.received = 0
        self.ended = False
        self._remembered: dict[bytes, Event | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> Figures:
        """Open, wait for the word, talk and listen until told to stop."""
        self.loop.add_reader(self.parent.fileno(), self._on_command)
        self._background(self._report_progress())
        await self._open_sockets()
        await asyncio.wait([self.starts, self.stops], return_when=asyncio.FIRST_COMPLETED)
        if self.starts.done():
            await self._run_load(self.starts.result())
        self.ended = True
        self.loop.remove_reader(self.parent.fileno())
        for task in self._tasks:
            task.cancel()
        await self._close_sockets()
        return self.figures

    def decode(self, payload: bytes) -> Event | None:
        try:
            return self._remembered[payload]
        except KeyError:
            event = decode(payload)
        if event is None or isinstance(event, Changes):
            if len(self._remembered) >= FRAMES_REMEMBERED:
                self._remembered.clear()
            self._remembered[payload] = event
        return event

    def record_deliveries(self, messages: list[SeenMessage], now: int) -> None:
        """Count what is of this run; others may be talking in the room."""
        figures = self.figures
        for message in messages:
            name, _, rest = message.client_id.partition("-")
            if name != self.plan.name:
                continue
            number, _, due = rest.partition("-")
            figures.heard[int(number)] += 1
            figures.delivery.record(now - int(due))
            figures.by_second[(now - self.start) // 1_000_000] += 1
            self.received += 1
            self.last_received = now

    # --- Its parts ----------------------------------------------------------------------------

    async def _open_sockets(self) -> None:
        begin = now_us()
        opening = []
        for index in self.mine:
            due = begin + int(index * self.plan.ramp * 1_000_000 / self.plan.sockets)
            await _sleep_until(due)
            if self.stops.done():
                break
            opening.append(self.loop.create_task(self._open(index, due)))
        await asyncio.gather(*opening)

    async def _open(self, index: int, due: int) -> None:
        client = LoadSocket(self, index, due)
        try:
            await client.open()
        except CONNECTION_ERRORS as error:
            self.figures.failed[_why(error)] += 1
            client.entered.cancel()
            client.abort()
        else:
            self.clients[index] = client

    async def _run_load(self, start: int) -> None:
        self.start, self.until = start, start + int(self.plan.seconds * 1_000_000)
        await _sleep_until(start)
        # Of entering, which is another load, only the times count.
        self.figures.frames = self.figures.bytes = 0
        worked = time.process_time()
        self._background(self._probe_lag())
        senders = [c for i, c in self.clients.items() if i < self.plan.senders]
        if self.plan.window:
            for client in senders * self.plan.window:
                client.send_next()
        else:
            self._background(self._send_on_schedule())
        await self.stops
        elapsed = now_us() - start
        self.figures.busiest = (time.process_time() - worked) * 1_000_000 / max(elapsed, 1)
        self.figures.seconds = (max(self.last_received, min(self.until, now_us())) - start) / 1e6

    async def _send_on_schedule(self) -> None:
        """The open loop: every message at its time, or as soon after it as this process can."""
        gap = 1_000_000 / self.plan.rate
        overdue = 0
        for number in self._numbers():
            due = self.start + int(number * gap)
            if due >= self.until:
                return
            if due > now_us():
                overdue = 0
                await _sleep_until(due)
            else:
                overdue += 1
                if overdue % SENT_AT_ONCE == 0:
                    await asyncio.sleep(0)
            client = self.clients.get(number % self.plan.senders)
            if client is not None:
                client.send_message(number, due)

    def _numbers(self) -> Iterator[int]:
        """The messages of the whole run whose senders are here."""
        senders = [index for index in self.mine if index < self.plan.senders]
        for first in count(0, self.plan.senders):
            for index in senders:
                yield first + index
            if not senders:
                return

    async def _probe_lag(self) -> None:
        while True:
            due = now_us() + int(LAG_PROBE_SECONDS * 1_000_000)
            await asyncio.sleep(LAG_PROBE_SECONDS)
            self.figures.loop_lag.record(now_us() - due)

    async def _report_progress(self) -> None:
        while True:
            figures = self.figures
            self.parent.send(
                LoadProgress(
                    figures.opened,
                    figures.failed.total(),
                    figures.sent,
                    len(figures.accepted),
                    figures.answered,
                    self.received,
                )
            )
            await asyncio.sleep(REPORT_SECONDS)

    async def _close_sockets(self) -> None:
        for client in self.clients.values():
            client.close()
        await asyncio.sleep(0.1)

    def _on_command(self) -> None:
        """The parent says when to start, and then to stop; if it is gone, that means stop."""
        try:
            word = self.parent.recv()
        except EOFError:
            word = None
            self.loop.remove_reader(self.parent.fileno())
        if word is None:
            if not self.stops.done():
                self.stops.set_result(0)
        elif not self.starts.done():
            self.starts.set_result(word)

    def _background(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.add(self.loop.create_task(work))


async def _sleep_until(due: int) -> None:
    # Again if need be: a loop's timers may be half a millisecond early.
    while (left := due - now_us()) > 0:  # noqa: ASYNC110
        await asyncio.sleep(left / 1_000_000)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {CONNECT_SECONDS} s"
    if isinstance(error, picows.WSHandshakeError) and error.response is not None:
        return f"refused with HTTP {int(error.response.status)}"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


def main(plan: LoadPlan, process: int, parent: Connection) -> None:
    """The body of a process: its figures are the last thing it sends."""
    # Ctrl+C reaches the parent too, and the parent asks for what there is so far.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):  # macOS: what it calls unlimited is more than it gives
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    async def run() -> Figures:
        return await Generator(plan, process, parent).run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(run())
    with suppress(BrokenPipeError):  # nobody wants to know any more
        parent.send(figures)
