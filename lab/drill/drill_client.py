"""A client that stays through every fault, with an outbox, positions and back-off."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..checker.records import Close, Deliver, Enter, Final, Journal, Open, Source, now, seen_in
from ..kit.backoff import Backoff
from ..kit.chat_client import CONNECTION_ERRORS, ChatClient
from ..kit.client_protocol import Event, Position
from ..kit.deployment import Endpoint
from .observations import Delivery, Observations
from .outbox import FINAL_CODES, Outbox

# Clients wait a fifth of what a page waits, unless the drill is about how long they are away.
HURRIED = 0.2
TERMINAL_CLOSES = range(4500, 4600)
REFUSED_SECONDS = 0.2


class DrillClient(ChatClient):
    """Connects again after every loss, and writes down all that it sees."""

    def __init__(
        self,
        name: str,
        cookie: str,
        nodes: Sequence[Endpoint],
        rooms: list[str],
        folder: Path,
        observed: Observations,
        pace: float,
        *,
        body_size: int = 0,
        receive_buffer: int = 0,
        patience: float = HURRIED,
        journal: Journal | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.cookie = cookie
        self.member = 0
        self.home = self.node = nodes[0]
        self.connected = False
        self.signed_out = False
        self.rooms = list(rooms)
        self.outbox = Outbox(self, rooms, pace, body_size)
        self._nodes = nodes
        self.journal = journal or Journal(folder, name)
        self.observed = observed
        self._receive_buffer = receive_buffer
        self._patience = patience
        self._backoff = Backoff(patience)
        # How long the server has asked us to stay away.
        self._asked_for = 0.0
        self._stopping = self._going_home = self._left_by_choice = False
        self._away_since = self._here_since = 0.0

    def has(self, heads: dict[str, Position]) -> bool:
        """Whether this client is as far as these logs were then; it may be further by now."""
        for room in self.rooms:
            at, end = self.positions.get(room), heads[room]
            if at is None or at.epoch != end.epoch or at.seq < end.seq:
                return False
        return True

    def is_at(self, heads: dict[str, Position]) -> bool:
        """Whether this client stands just where these logs end."""
        return all(self.positions.get(room) == heads[room] for room in self.rooms)

    # --- Connecting ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected until `stop`."""
        self._away_since = time.time()
        sending = asyncio.ensure_future(self.outbox.run())
        try:
            while not self._is_done():
                try:
                    await self.connect(self.node, self.cookie, receive_buffer=self._receive_buffer)
                    await self._stay_connected()
                    self._backoff.reset()
                except CONNECTION_ERRORS:
                    pass
                if self._is_done():
                    break
                await asyncio.sleep(self._patience * self._asked_for + self._backoff.next())
                self._asked_for = 0.0
                self.node = self._next_node()
        finally:
            sending.cancel()

    def _next_node(self) -> Endpoint:
        if self._going_home:
            self._going_home = False
            return self.home
        return self._nodes[(self._nodes.index(self.node) + 1) % len(self._nodes)]

    def go_home(self) -> None:
        """Return to the first node, as a balancer would spread clients again."""
        if self.connected and self.node is not self.home:
            self._going_home = self._left_by_choice = True
            self.abort()

    def _is_done(self) -> bool:
        return self._stopping or self.signed_out

    async def _stay_connected(self) -> None:
        self.journal.write(Open(t=now(), actor=self.name, node=self.node.name))
        try:
            for room in self.rooms:
                await self._catch_up(room)
            self.connected, self._here_since = True, time.time()
            self.outbox.wake()
            if not self._left_by_choice:
                self.observed.returns.append((time.time(), time.time() - self._away_since))
            self._left_by_choice = False
            await self.closed.wait()
        finally:
            if self.connected:
                self.connected, self._away_since = False, time.time()
            self.abort()
            await self.closed.wait()
            self._record_close()

    def _record_close(self) -> None:
        code = self.close_code
        self.journal.write(Close(t=now(), actor=self.name, code=code))
        if not (self._stopping or self._left_by_choice):
            self.observed.signs.append((time.time(), f"a socket closed with {code}"))
            self.observed.closes.append(code)
        self.signed_out = self.signed_out or code in TERMINAL_CLOSES

    async def _catch_up(self, room: str) -> None:
        more = True
        while more:
            at = self.positions.get(room)
            if at is not None:
                enter = Enter(
                    t=now(), actor=self.name, room=room, epoch=at.epoch, seq=at.seq, id=at.id or ""
                )
                self.journal.write(enter)
            reply = await self.enter(room)
            if room not in self.rooms:
                return
            if reply.type != "room.entered":
                await asyncio.sleep(REFUSED_SECONDS)
                continue
            more = reply.more and at is not None and not reply.reset

    async def drop_socket(self) -> None:
        """The socket does not answer: come back on another."""
        if self.connected:
            self.abort()
        await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Leave, and record the final positions and what stayed unanswered."""
        self._stopping, connected = True, self.connected
        self.outbox.record_unanswered()
        if not self.signed_out:
            for room in self.rooms:
                self._record_final(room, connected)
        self.close()

    def _record_final(self, room: str, connected: bool) -> None:
        at = self.positions.get(room) or Position("", 0, None)
        final = Final(
            t=now(), actor=self.name, room=room, epoch=at.epoch, seq=at.seq, connected=connected
        )
        self.journal.write(final)

    def close_journal(self) -> None:
        self.journal.close()

    # --- Reading ------------------------------------------------------------------------------

    def on_event(self, event: Event) -> None:
        match event.type:
            case "room.changes":
                self._record_delivery(event, "live")
            case "room.entered":
                resumed = event.room in self.positions
                self._record_delivery(
                    event, "reset" if event.reset else "resume" if resumed else "page"
                )
            case "hello":
                self.member = event.me.id if event.me else 0
            case "room.removed":
                # Whatever comes of it now is a leak.
                self.rooms = [room for room in self.rooms if room != event.room]
            case "bye":
                self._asked_for = (event.retry_ms or 0) / 1000
            case "command.rejected" if event.code not in FINAL_CODES:
                self.observed.signs.append((time.time(), f"a command was refused: {event.code}"))

    def _record_delivery(self, event: Event, source: Source) -> None:
        moment = time.time()
        seen = [seen_in(message) for message in msgspec.json.decode(event.messages)]
        self.journal.write(
            Deliver(
                t=now(),
                actor=self.name,
                sender=self.member,
                node=self.node.name,
                room=event.room,
                epoch=event.epoch,
                first=event.first,
                last=event.to,
                source=source,
                messages=seen,
                reason=event.reset,
            )
        )
        if seen and source in ("live", "resume") and not self._receive_buffer:
            made = min(message.at for message in seen)
            since = max(made, self._here_since) if self.connected else moment
            here = self.node.name, source, event.room, event.to, len(seen)
            self.observed.deliveries.append(Delivery(moment, moment - made, moment - since, *here))
