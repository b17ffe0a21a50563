"""Hostile clients: they say what no page would, over raw sockets, and come back when thrown out."""

import asyncio
import itertools
from collections import Counter, deque
from random import Random
from typing import Any

from chat import protocol
from lab.checker.records import Edit, Journal, Send, hash_of, now
from lab.kit.handshake import upgrade_request
from lab.kit.node import Node

from .commands import Author, command_in
from .frames import BINARY, TEXT, frame, stream
from .judge import FAREWELLS, SILENT, Judge
from .mutations import readable_ref

# A node that answers nothing for so long is deaf.
PATIENCE_SECONDS = 30.0


class Wire(asyncio.Protocol):
    """The bytes of one socket: frames of the node come out whole."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._unread = bytearray()
        self._is_open = False
        self.closed = asyncio.Event()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()
        self._session.wake.set()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self._is_open:
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            if not end:
                return
            self._is_open, self._unread = head.startswith(b"HTTP/1.1 101"), rest
        while whole := self._frame():
            self._session.take(*whole)

    def _frame(self) -> tuple[int, bytes] | None:
        unread = self._unread
        if len(unread) < 2:
            return None
        size, start = unread[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(unread) < start:
                return None
            size = int.from_bytes(unread[2:start])
        if len(unread) < start + size:
            return None
        opcode, payload = unread[0] & 15, bytes(unread[start : start + size])
        del unread[: start + size]
        return opcode, payload


class Session:
    """One socket of an attacker, from the handshake until one of the two hangs up."""

    def __init__(self, name: str, author: Author, judge: Judge, journal: "Sayings") -> None:
        self.name = name
        self.wake = asyncio.Event()
        self.said = 0
        self._author = author
        self._judge = judge
        self._journal = journal
        self._asked = self._answered = 0
        # The refs that answers must still bear; and how many answers may bear another, or none.
        self._refs: Counter[str] = Counter()
        self._unclear = 0
        self._said: deque[str] = deque(maxlen=12)
        self._room_of: dict[str, str] = {}
        self._wild = False
        self._hello: protocol.Hello | None = None

    async def run(self, node: Node, cookie: str, frames: int) -> None:
        handshake = upgrade_request(node.port, node.origin, cookie)
        loop = asyncio.get_running_loop()
        _, self._wire = await loop.create_connection(lambda: Wire(self), "127.0.0.1", node.port)
        try:
            self._wire.transport.write(handshake)
            await self._until(lambda: self._hello is not None)
            while self.said < frames and not self._wire.closed.is_set() and not self._wild:
                await self._say_some()
        finally:
            self._wire.transport.abort()

    async def _say_some(self) -> None:
        random = self._author.random
        data = [self._framed(self._author.frame()) for _ in range(1 + int(random.random() * 12))]
        mischief = 0.0 if self._author.only_mutates else 0.01
        if random.random() < mischief:
            data.append(frame(random, b"\x00\x01", BINARY))
        # After these nobody can say how many answers there will be, nor whether any.
        if random.random() < mischief:
            self._wild = True
            data.append(stream(random))
        self.said += len(data)
        self._wire.transport.write(b"".join(data))
        await self._until(lambda: self._answered >= self._asked)
        if self._refs.total() and not (self._wire.closed.is_set() or self._wild):
            self._find("no answer with this ref", str(list(self._refs.elements())[:3]))

    def _framed(self, text: str) -> bytes:
        command = command_in(text)
        if not isinstance(command, SILENT):
            self._expect_answer(text)
        self._said.append(text)
        if command is not None:
            self._journal.record(command)
        if isinstance(command, protocol.SendMessage):
            self._room_of[command.client_id] = command.room
        return frame(self._author.random, text.encode("utf-8", "surrogatepass"), TEXT)

    def _expect_answer(self, text: str) -> None:
        self._asked += 1
        ref = readable_ref(text)
        if ref is None:
            self._unclear += 1
        else:
            self._refs[ref] += 1
            self._judge.refs += 1

    def _settle(self, answer: Any) -> None:
        self._answered += 1
        if answer.ref is not None and self._refs[answer.ref]:
            self._refs[answer.ref] -= 1
        elif self._unclear:
            self._unclear -= 1
        elif not self._wild:
            self._find("an answer without its ref", str(answer))

    async def _until(self, holds: Any) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (holds() or self._wire.closed.is_set()):
                    self.wake.clear()
                    await self.wake.wait()
        except TimeoutError:
            self._find("no answer", f"{self._answered} answers to {self._asked} commands")
            self._wire.transport.abort()
            self._wire.closed.set()

    # --- Heard --------------------------------------------------------------------------------

    def take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            event = self._judge.hear(payload, self)
            if isinstance(event, protocol.Hello):
                self._hello = event
                self._journal.member = event.me.id if event.me else 0
            elif hasattr(event, "ref"):
                self._settle(event)
                if self._answered > self._asked and not self._wild:
                    self._find("an answer to nothing", str(event))
            if isinstance(event, protocol.MessageAccepted):
                room = self._room_of.get(event.client_id, "")
                self._author.mine.setdefault(room, []).append(event.seq)
        elif opcode == 8:
            code = int.from_bytes(payload[:2])
            self._judge.closes[code] += 1
            if code not in FAREWELLS and not self._wild:
                self._find(f"a close with {code}", payload[2:].decode(errors="replace"))
            self._wire.transport.abort()
        self.wake.set()

    def _find(self, what: str, how: str) -> None:
        self._judge.find(what, f"{self}: {how}")

    def __str__(self) -> str:
        said = "".join(f"\n    {text[:300]}" for text in self._said)
        return f"session {self.name}, which said last{said}\n  "


class Sayings:
    """Writes down what an attacker may have said in the room of the neighbours."""

    def __init__(self, journal: Journal, room: str) -> None:
        self.member = 0
        self._journal = journal
        self._room = room

    def record(self, command: protocol.Command) -> None:
        at: dict[str, Any] = {"t": now(), "actor": self._journal.actor, "room": self._room}
        if getattr(command, "room", None) != self._room:
            return
        match command:
            case protocol.SendMessage(client_id=cid, body=body):
                at |= {"sender": self.member, "cid": cid}
                self._journal.write(Send(type="invoke", hash=hash_of(body), **at))
            case protocol.EditMessage(seq=seq, body=body):
                self._journal.write(Edit(type="invoke", target=seq, hash=hash_of(body), **at))
            case protocol.DeleteMessage(seq=seq):
                self._journal.write(Edit(type="invoke", target=seq, hash=hash_of(""), **at))

    def close(self) -> None:
        self._journal.close()


class Attacker:
    """One member without manners, in one session after the other."""

    def __init__(
        self, number: int, seed: int, node: Node, cookie: str, judge: Judge, sayings: Sayings
    ) -> None:
        self.said = 0
        self._sessions = itertools.count(1)
        self._number = number
        self._seed = seed
        self._node = node
        self._cookie = cookie
        self._judge = judge
        self._sayings = sayings

    async def run(self, frames: int, room: str, pit: str, *, only_mutates: bool) -> None:
        """Say so many frames."""
        while self.said < frames:
            name = f"{self._number}-{next(self._sessions)}"
            chance = Random(f"{self._seed}-{name}")
            author = Author(chance, room, pit, f"a{name}", only_mutates=only_mutates)
            session = Session(name, author, self._judge, self._sayings)
            await session.run(self._node, self._cookie, frames - self.said)
            self.said += session.said
            self._judge.frames += session.said
