"""People who talk through every fault: an outbox, a cursor for each room, and back-off."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from ..checker.records import (
    Close,
    Deliver,
    Enter,
    Final,
    Journal,
    Open,
    Position,
    Source,
    now,
    seen_in,
)
from ..kit.backoff import Backoff
from ..kit.deployment import Endpoint
from ..kit.handshake import ANSWER_SECONDS, handshake
from .observations import Delivery, Observations
from .outbox import FINAL_CODES, Frame, Outbox

# Everything takes a fifth of what a page waits, unless a drill is about how long people are away.
HURRIED = 0.2
TERMINAL_CLOSES = range(4500, 4600)


class DrillClient:
    """One tab: a socket, a cursor for each room, and a talk that goes on through it all."""

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
    ) -> None:
        self.name = name
        self.cookie = cookie
        self.positions: dict[str, Position] = {}
        self.member = 0
        self.home = self.node = nodes[0]
        # What the reader does before each frame; a slow one sleeps, a stalled one waits.
        self.before_read: Callable[[], Any] | None = None
        self.connected = False
        self.signed_out = False
        self.rooms = rooms
        self.outbox = Outbox(self, rooms, pace, body_size)
        self._nodes = nodes
        self.journal = Journal(folder, name)
        self.observed = observed
        self._receive_buffer = receive_buffer
        self._patience = patience
        self._backoff = Backoff(patience)
        # How long the server has asked us to stay away.
        self._asked_for = 0.0
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._refs = 0
        self._socket: ClientConnection
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
        """Be there until `stop`."""
        self._away_since = time.time()
        talk = asyncio.ensure_future(self.outbox.run())
        try:
            while not self._is_done():
                try:
                    async with handshake(
                        self.node, self.cookie, self._receive_buffer
                    ) as self._socket:
                        await self._be_connected()
                        self._backoff.reset()
                except (OSError, WebSocketException):
                    pass
                if self._is_done():
                    break
                await asyncio.sleep(self._patience * self._asked_for + self._backoff.next())
                self._asked_for = 0.0
                self.node = self._next_node()
        finally:
            talk.cancel()

    def _next_node(self) -> Endpoint:
        if self._going_home:
            self._going_home = False
            return self.home
        return self._nodes[(self._nodes.index(self.node) + 1) % len(self._nodes)]

    def go_home(self) -> None:
        """Back to the node where one began, as a balancer would spread people again."""
        if self.connected and self.node is not self.home:
            self._going_home = self._left_by_choice = True
            self._socket.transport.abort()

    def _is_done(self) -> bool:
        return self._stopping or self.signed_out

    async def _be_connected(self) -> None:
        self.journal.write(Open(t=now(), actor=self.name, node=self.node.name))
        reading = asyncio.ensure_future(self._read())
        try:
            for room in self.rooms:
                await self._enter(room)
            self.connected, self._here_since = True, time.time()
            self.outbox.wake()
            if not self._left_by_choice:
                self.observed.returns.append((time.time(), time.time() - self._away_since))
            self._left_by_choice = False
            await reading
        finally:
            if self.connected:
                self.connected, self._away_since = False, time.time()
            reading.cancel()
            self._hang_up()

    def _hang_up(self) -> None:
        socket = self._socket
        if socket.close_code is None:
            socket.transport.abort()
        code = socket.close_code or 1006
        self.journal.write(Close(t=now(), actor=self.name, code=code))
        if not (self._stopping or self._left_by_choice):
            self.observed.signs.append((time.time(), f"a socket closed with {code}"))
            self.observed.closes.append(code)
        self.signed_out = self.signed_out or code in TERMINAL_CLOSES

    async def _enter(self, room: str) -> None:
        more = True
        while more:
            at = self.positions.get(room)
            since = at and {"epoch": at.epoch, "seq": at.seq, "id": at.id}
            if at is not None:
                enter = Enter(
                    t=now(), actor=self.name, room=room, epoch=at.epoch, seq=at.seq, id=at.id or ""
                )
                self.journal.write(enter)
            reply = await self.ask("room.enter", room=room, since=since)
            if reply["type"] != "room.entered":
                await asyncio.sleep(0.2)
                continue
            more = reply["more"] and since is not None and "reset" not in reply

    async def stop(self) -> None:
        """Go, and note how far one had come and what stayed unanswered."""
        self._stopping, connected = True, self.connected
        self.outbox.note_unanswered()
        if not self.signed_out:
            for room in self.rooms:
                self._note_final(room, connected)
        if connected:
            await self._socket.close()

    def _note_final(self, room: str, connected: bool) -> None:
        at = self.positions.get(room) or Position("", 0, None)
        final = Final(
            t=now(), actor=self.name, room=room, epoch=at.epoch, seq=at.seq, connected=connected
        )
        self.journal.write(final)

    def close_journal(self) -> None:
        self.journal.close()

    # --- Reading ------------------------------------------------------------------------------

    async def _read(self) -> None:
        socket = self._socket
        try:
            while True:
                if self.before_read is not None:
                    await self.before_read()
                self._take(msgspec.json.decode(await socket.recv(decode=False)))
        except WebSocketException:
            return
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError("the socket is closed"))
                    answer.exception()  # nobody may be waiting for it any more

    def _take(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "room.changes":
            self._apply(frame, "live")
        elif kind == "room.entered":
            asked = frame["room"] in self.positions
            source: Source = "reset" if "reset" in frame else "resume" if asked else "page"
            self._apply(frame, source)
        elif kind == "hello":
            self.member = frame["me"]["id"]
        elif kind == "bye":
            self._asked_for = frame.get("retry_ms", 0) / 1000
        answer = self._answers.pop(frame.get("ref") or "", None)
        if answer is not None and not answer.done():
            answer.set_result(frame)
        if kind == "command.rejected" and frame["code"] not in FINAL_CODES:
            self.observed.signs.append((time.time(), f"a command was refused: {frame['code']}"))

    def _apply(self, frame: Frame, source: Source) -> None:
        moment, room = time.time(), frame["room"]
        seen = [seen_in(message) for message in frame["messages"]]
        self.journal.write(
            Deliver(
                t=now(),
                actor=self.name,
                sender=self.member,
                node=self.node.name,
                room=room,
                epoch=frame["epoch"],
                first=frame["from"],
                last=frame["to"],
                source=source,
                messages=seen,
                reason=frame.get("reset", ""),
            )
        )
        self.positions[room] = Position(frame["epoch"], frame["to"], frame["to_id"])
        if seen and source in ("live", "resume") and not self._receive_buffer:
            made = min(message.at for message in seen)
            since = max(made, self._here_since) if self.connected else moment
            here = self.node.name, source, room, frame["to"], len(seen)
            self.observed.deliveries.append(Delivery(moment, moment - made, moment - since, *here))

    async def give_up_socket(self) -> None:
        if self.connected:
            self._socket.transport.abort()
        await asyncio.sleep(0.05)

    # --- Asking -------------------------------------------------------------------------------

    async def ask(self, kind: str, **fields: Any) -> Frame:
        self._refs += 1
        ref = str(self._refs)
        answer = self._answers[ref] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._socket.send(
                    msgspec.json.encode({"type": kind, "ref": ref} | fields), text=True
                )
                frame: Frame = await answer
                return frame
        finally:
            self._answers.pop(ref, None)
