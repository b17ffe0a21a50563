"""People of the bench: the drill's client, which records what it sees, at one node's front."""

import asyncio
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..checker.records import AnyRecord, Final, Journal, Send, now
from ..drill.drill_client import DrillClient
from ..drill.observations import Observations
from ..drill.outbox import Outbox, Unsent
from ..kit import client_protocol
from ..kit.backoff import Backoff
from ..kit.client_protocol import LOG_EVENTS, Event, Position
from . import clock
from .bench_nodes import BenchNode, Front
from .invariants import Shown, View
from .waiting import wait_until

# How much of a page's waits they wait, because nobody in a lab wants to wait longer.
PATIENCE = 0.1

_numbers = itertools.count(1)


class Records(Journal):
    """One actor's records, in memory."""

    def __init__(self, actor: str) -> None:
        self.actor = actor
        self.all: list[AnyRecord] = []
        # By client_id: the number that the answer to a message named.
        self.numbers: dict[str, int] = {}

    def write(self, record: AnyRecord) -> None:
        self.all.append(record)
        if isinstance(record, Send) and record.type == "ok":
            self.numbers[record.cid] = record.seq

    def close(self) -> None:
        """They stay."""


class PlainOutbox(Outbox):
    """Sends what it is told to say, and nothing else."""

    def say(self, room: str, body: str = "") -> None:
        self.put(room, body)

    def put(self, room: str, body: str) -> str:
        """The client_id under which it is sent, once or more often."""
        unsent = Unsent(f"{self._client.name}-{next(_numbers)}", body)
        self._queues[room].append(unsent)
        self._woken[room].set()
        return unsent.cid

    def waits(self, room: str, client_id: str) -> bool:
        """Whether this message has no answer yet."""
        return any(unsent.cid == client_id for unsent in self._queues[room])

    async def _maybe_edit(self, room: str, seq: int, unsent: Unsent) -> None:
        """Never."""


class BenchClient(DrillClient):
    """Someone in one room at one node, through its front proxy.

    It sends in order, sends again under the same client_id after every loss, resumes where it
    stood, and writes down all that it sees. `name` is its lane in the timeline.
    """

    def __init__(
        self,
        name: str,
        cookie: str,
        node: BenchNode,
        room: str,
        *,
        patience: float = PATIENCE,
        receive_buffer: int = 0,
        has_jitter: Callable[[], bool] = lambda: True,
    ) -> None:
        self.records = Records(name)
        super().__init__(
            name,
            node.cookie(cookie),
            [Front(node.name, node.front.port, name)],
            [room],
            Path(),
            Observations(),
            0,
            receive_buffer=receive_buffer,
            patience=patience,
            journal=self.records,
        )
        self.room = room
        self.at = node
        self.mail = self.outbox = PlainOutbox(self, [room], 0, 0)
        # By number: the text that is shown there now.
        self.bodies: dict[int, str] = {}
        # By number, in the order in which they came: the ids of the messages that it shows.
        self.ids: dict[int, str] = {}
        self.first = 1
        # Messages that came again unchanged.
        self.repeats = 0
        # After how many milliseconds it was asked to come back, each time.
        self.retries: list[int] = []
        self._backoff = Backoff(
            patience,
            lambda a, b: random.uniform(a, b) if has_jitter() else (a + b) / 2,  # noqa: S311
        )
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Stay connected until it leaves; once, however often this is called."""
        self._task = self._task or asyncio.ensure_future(super().run())
        await asyncio.shield(self._task)

    async def open(self, seconds: float = 10.0) -> bool:
        """Whether it is connected and in its room by then; it goes on trying anyway."""
        self._task = self._task or asyncio.ensure_future(super().run())
        return await wait_until(lambda: self.connected, seconds)

    def say(self, body: str) -> str:
        """Put it into the outbox, which sends it as soon as it can. Returns its client_id."""
        return self.mail.put(self.room, body)

    async def post(self, body: str, seconds: float = 10.0) -> int:
        """Say it, and return the number that it got. TimeoutError."""
        return await self.number_of(self.say(body), seconds)

    async def number_of(self, client_id: str, seconds: float = 10.0) -> int:
        """The number of a message, as its answer says. TimeoutError."""
        if not await wait_until(lambda: client_id in self.records.numbers, seconds):
            raise TimeoutError(f"{self.name} has no answer to {client_id}")
        return self.records.numbers[client_id]

    @property
    def position(self) -> Position:
        """Where it stands in its room's log."""
        return self.positions.get(self.room) or Position("", 0, None)

    @property
    def seq(self) -> int:
        return self.position.seq

    async def reaches(self, seq: int, seconds: float = 10.0) -> bool:
        """Whether it has read so far by then."""
        return await wait_until(lambda: self.seq >= seq, seconds)

    async def close_socket(self) -> None:
        """Lose the socket; it comes back by itself."""
        self.abort()
        await wait_until(lambda: not self.connected)

    @property
    def has_left(self) -> bool:
        """It went for good, or was signed out."""
        return self._is_done()

    async def leave(self) -> None:
        """Go for good."""
        self._stopping = True
        self.abort()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def final(self) -> Final:
        """Where it stands now, as a record."""
        at = self.position
        return Final(
            t=now(),
            actor=self.name,
            room=self.room,
            epoch=at.epoch,
            seq=at.seq,
            connected=self.connected,
        )

    def on_text(self, payload: bytes) -> None:
        """As a page does, it takes nothing across a gap: it comes back and asks what it missed."""
        if payload.startswith(b'{"type":"room.changes"') and self.connected:
            event = client_protocol.decode(payload)
            if event.room == self.room and event.first > self.seq + 1:
                self.abort()
                return
        super().on_text(payload)

    def on_event(self, event: Event) -> None:
        super().on_event(event)
        if event.type == "bye" and event.retry_ms is not None:
            self.retries.append(event.retry_ms)
        if event.type in LOG_EVENTS:
            self._show(event, msgspec.json.decode(event.messages))

    def _show(self, event: Event, messages: list[dict[str, Any]]) -> None:
        if event.reset or event.room not in self.positions:
            self.bodies.clear()
            self.ids.clear()
            self.first = event.first
        for message in messages:
            seq = message["seq"]
            self.repeats += seq == message["updated_seq"] and self.ids.get(seq) == message["id"]
            self.ids[seq], self.bodies[seq] = message["id"], message["body"]

    def view(self) -> View:
        """What it shows now."""
        rows = [Shown(seq, id_) for seq, id_ in self.ids.items()]
        return View(
            self.name,
            self.room,
            rows,
            self.first,
            self.seq,
            at=clock.now(),
            repeats=self.repeats,
            is_connected=self.connected,
        )
