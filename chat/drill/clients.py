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
        self.node = nodes[0]
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
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._own: dict[str, int] = {}
        self._numbers = self._refs = 0
        self._socket: ClientConnection
        self._stopping = False

    # --- Connecting ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Be there until `stop`."""
        attempts, away_since = 0, time.time()
        talk = asyncio.ensure_future(self._talk())
        try:
            while not self._stopping and not self.signed_out:
                try:
                    async with connect(self._url(), **self._options()) as self._socket:
                        await self._be_connected(away_since)
                        attempts = 0
                except (OSError, WebSocketException):
                    pass
                if self._stopping or self.signed_out:
                    break
                if self.connected or not attempts:
                    away_since = time.time()
                self.connected = False
                await asyncio.sleep(
                    random.uniform(0, min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2**attempts))  # noqa: S311
                )
                attempts += 1
                self.node = random.choice(self._nodes)  # noqa: S311
        finally:
            talk.cancel()

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

    async def _be_connected(self, away_since: float) -> None:
        self._journal.write(Open(t=now(), actor=self.name, node=self.node.name))
        reading = asyncio.ensure_future(self._read())
        try:
            for room in self._rooms:
                await self._enter(room)
            self.connected = True
            self._watch.returns.append((time.time(), time.time() - away_since))
            await reading
        finally:
            self.connected = False
            reading.cancel()
            self._hang_up()

    def _hang_up(self) -> None:
        socket = self._socket
        if socket.close_code is None:
            socket.transport.abort()
        code = socket.close_code or 1006
        self._journal.write(Close(t=now(), actor=self.name, code=code))
        if not self._stopping:
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
        if (ref := frame.get("ref")) and (answer := self._answers.pop(ref, None)):
            if not answer.done():
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
        if seen and source in ("live", "resume") and not self.before_read:
            oldest = min(message.at for message in seen)
            stretch = room, frame["from"], frame["to"], len(seen)
            self._watch.deliveries.append(
                (moment, moment - oldest, self.node.name, source, *stretch)
            )

    # --- Talking ------------------------------------------------------------------------------

    async def _talk(self) -> None:
        senders = [asyncio.ensure_future(self._send_all(room)) for room in self._rooms]
        try:
            while self._pace:
                await asyncio.sleep(self._pace * random.uniform(0.5, 1.5))  # noqa: S311
                if self.talking and self.unsent < OUTBOX_MAX:
                    self.say(self._rooms[self._numbers % len(self._rooms)])
            await asyncio.gather(*senders)
        finally:
            for sender in senders:
                sender.cancel()

    def say(self, room: str, body: str = "") -> None:
        """Put something into the outbox."""
        self._numbers += 1
        body = body or f"{self.name} says {self._numbers}" + " ." * (self._body_size // 2)
        # Now and then something that will be refused, and must never be seen.
        if self._numbers % 97 == 0:
            body = "x" * 4001
        self._outbox[room].append(Unsent(f"{self.name}-{self._numbers}", body))

    @property
    def unsent(self) -> int:
        return sum(map(len, self._outbox.values()))

    async def _send_all(self, room: str) -> None:
        """One at a time, in order, whatever happens; as the browser does."""
        outbox = self._outbox[room]
        while True:
            if not (outbox and self.connected):
                await asyncio.sleep(0.005)
                continue
            unsent = outbox[0]
            unsent.begun_at = unsent.begun_at or time.time()
            self._note_send("invoke", room, unsent)
            try:
                reply = await self._ask(
                    "message.send", room=room, client_id=unsent.cid, body=unsent.body
                )
            except (OSError, WebSocketException):
                await self._give_up_socket()
                continue
            if reply["type"] == "message.accepted":
                outbox.popleft()
                self._note_send("ok", room, unsent, reply)
                self._watch.answers.append((time.time(), time.time() - unsent.begun_at))
                await self._maybe_edit(room, reply["seq"], unsent)
            elif reply["code"] in FINAL_CODES:
                outbox.popleft()
                self._note_send("fail", room, unsent, reply)
            else:
                await asyncio.sleep(min(1.0, reply.get("retry_ms", 500) / 1000 / 4))

    async def _give_up_socket(self) -> None:
        if self.connected:
            self._socket.transport.abort()
        await asyncio.sleep(0.05)

    async def _maybe_edit(self, room: str, seq: int, unsent: Unsent) -> None:
        if self._numbers % 29:
            return
        hash_ = hash_of(body := f"{unsent.body} (edited)")
        edit = {"actor": self.name, "room": room, "target": seq, "hash": hash_}
        self._journal.write(Edit(t=now(), type="invoke", **edit))  # type: ignore[arg-type]
        try:
            reply = await self._ask("message.edit", room=room, seq=seq, body=body)
        except (OSError, WebSocketException):
            return
        taken = reply.get("updated_seq", 0)
        outcome: Outcome = "ok" if taken else "info"
        self._journal.write(Edit(t=now(), type=outcome, seq=taken, **edit))  # type: ignore[arg-type]

    def _note_send(
        self, type_: Outcome, room: str, unsent: Unsent, reply: Frame | None = None
    ) -> None:
        reply = reply or {}
        self._journal.write(
            Send(
                t=now(),
                actor=self.name,
                type=type_,
                room=room,
                sender=self.member,
                cid=unsent.cid,
                hash=hash_of(unsent.body),
                seq=reply.get("seq", 0),
                id=reply.get("id", ""),
                code=reply.get("code", ""),
            )
        )

    async def _ask(self, kind: str, **fields: Any) -> Frame:
        self._refs += 1
        ref = str(self._refs)
        answer = self._answers[ref] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._socket.send(
                    msgspec.json.encode({"type": kind, "ref": ref} | fields), text=True
                )
                return await answer
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
