"""People who talk through every fault: an outbox, a cursor for each room, and back-off."""

import asyncio
import random
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from .cluster import Node
from .history import (
    Close,
    Deliver,
    Edit,
    Enter,
    Final,
    Journal,
    Open,
    Outcome,
    Seen,
    Send,
    Source,
    hash_of,
)

try:
    from websockets.asyncio.client import ClientConnection, connect
    from websockets.exceptions import WebSocketException
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "Drills need the package websockets: pip install -r requirements/test.txt"
    ) from error

# A browser waits half a second, then one, then two …; here everything takes a fifth of it.
BACKOFF_SECONDS = 0.1
BACKOFF_MAX_SECONDS = 6.0
# Without an answer for so long, the socket counts as dead.
ANSWER_SECONDS = 5.0
# Who has so much unsent stops typing.
OUTBOX_MAX = 20
FINAL_CODES = {"too_long", "invalid_text", "forbidden", "key_reused", "not_found", "bad_command"}
TERMINAL_CLOSES = range(4500, 4600)

Frame = dict[str, Any]


@dataclass
class Watch:
    """What all clients together saw, for the figures of the verdict."""

    # When, how late (seconds after the server made it), on which node, and the stretch.
    deliveries: list[tuple[float, float, str, Source, str, int, int, int]] = field(
        default_factory=list
    )
    # When, and how long after it was first sent.
    answers: list[tuple[float, float]] = field(default_factory=list)
    # When a client noticed that something is wrong, and how.
    signs: list[tuple[float, str]] = field(default_factory=list)
    # When a client was back in all of its rooms, and how long it had been away.
    returns: list[tuple[float, float]] = field(default_factory=list)


@dataclass
class Position:
    epoch: str
    seq: int
    id: str | None


@dataclass
class Unsent:
    cid: str
    body: str
    begun_at: float = 0.0


class Client:
    """One tab. It says something every `pace` seconds (0: never), in turn in each of its rooms."""

    def __init__(
        self,
        name: str,
        cookie: str,
        nodes: list[Node],
        rooms: list[str],
        folder: Path,
        watch: Watch,
        pace: float,
        *,
        body_size: int = 0,
        receive_buffer: int = 0,
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
        self.talking = pace > 0
        self._nodes = nodes
        self._rooms = rooms
        self._journal = Journal(folder, name)
        self._watch = watch
        self._pace = pace
        self._body_size = body_size
        self._receive_buffer = receive_buffer
        self._outbox: dict[str, deque[Unsent]] = {room: deque() for room in rooms}
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._own: dict[str, int] = {}
        self._numbers = self._refs = 0
        self._socket: ClientConnection
        self._stopping = self._going_home = False
        self._away_since = 0.0

    # --- Connecting ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Be there until `stop`."""
        attempts = 0
        self._away_since = time.time()
        talk = asyncio.ensure_future(self._talk())
        try:
            while not self._is_done():
                try:
                    async with connect(self._url(), **self._options()) as self._socket:
                        await self._be_connected()
                        attempts = 0
                except (OSError, WebSocketException):
                    pass
                if self._is_done():
                    break
                longest = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2**attempts)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311
                attempts += 1
                self.node = self._next_node()
        finally:
            talk.cancel()

    def _next_node(self) -> Node:
        if self._going_home:
            self._going_home = False
            return self.home
        return self._nodes[(self._nodes.index(self.node) + 1) % len(self._nodes)]

    def go_home(self) -> None:
        """Back to the node where one began, as a balancer would spread people again."""
        if self.connected and self.node is not self.home:
            self._going_home = True
            self._socket.transport.abort()

    def _is_done(self) -> bool:
        return self._stopping or self.signed_out

    def _url(self) -> str:
        return f"ws://127.0.0.1:{self.node.port}/ws/"

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "origin": self.node.origin,
            "additional_headers": {"Cookie": self.cookie},
            "compression": None,
            "ping_interval": None,
            "proxy": None,
            "open_timeout": ANSWER_SECONDS,
            "close_timeout": 1,
        }
        if self._receive_buffer:
            narrow = socket.socket()
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
            narrow.connect(("127.0.0.1", self.node.port))
            narrow.setblocking(False)
            options["sock"] = narrow
        return options

    async def _be_connected(self) -> None:
        self._journal.write(Open(t=now(), actor=self.name, node=self.node.name))
        reading = asyncio.ensure_future(self._read())
        try:
            for room in self._rooms:
                await self._enter(room)
            self.connected = True
            self._watch.returns.append((time.time(), time.time() - self._away_since))
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
        self._journal.write(Close(t=now(), actor=self.name, code=code))
        if not (self._stopping or self._going_home):
            self._watch.signs.append((time.time(), f"a socket closed with {code}"))
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
                self._journal.write(enter)
            reply = await self._ask("room.enter", room=room, since=since)
            if reply["type"] != "room.entered":
                await asyncio.sleep(0.2)
                continue
            more = reply["more"] and since is not None and "reset" not in reply

    async def stop(self) -> None:
        """Go, and note how far one had come and what stayed unanswered."""
        self._stopping, connected = True, self.connected
        for room, outbox in self._outbox.items():
            for unsent in outbox:
                if unsent.begun_at:
                    self._note_send("info", room, unsent)
            if not self.signed_out:
                self._note_final(room, connected)
        if connected:
            await self._socket.close()

    def _note_final(self, room: str, connected: bool) -> None:
        at = self.positions.get(room) or Position("", 0, None)
        final = Final(
            t=now(), actor=self.name, room=room, epoch=at.epoch, seq=at.seq, connected=connected
        )
        self._journal.write(final)

    def close_journal(self) -> None:
        self._journal.close()

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
        answer = self._answers.pop(frame.get("ref") or "", None)
        if answer is not None and not answer.done():
            answer.set_result(frame)
        if kind == "command.rejected" and frame["code"] not in FINAL_CODES:
            self._watch.signs.append((time.time(), f"a command was refused: {frame['code']}"))

    def _apply(self, frame: Frame, source: Source) -> None:
        moment, room = time.time(), frame["room"]
        seen = [_seen(message) for message in frame["messages"]]
        self._journal.write(
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
            oldest = min(message.at for message in seen)
            stretch = room, frame["from"], frame["to"], len(seen)
            self._watch.deliveries.append(
                (moment, moment - oldest, self.node.name, source, *stretch)
            )

    # --- Asking -------------------------------------------------------------------------------

    async def _ask(self, kind: str, **fields: Any) -> Frame:
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


def now() -> int:
    return time.monotonic_ns()


def _seen(message: Frame) -> Seen:
    at = datetime.fromisoformat(message.get("edited_at") or message["created_at"]).timestamp()
    return Seen(
        message["seq"],
        message["updated_seq"],
        message["id"],
        message["author"]["id"],
        message["client_id"],
        hash_of(message["body"]),
        at,
    )
