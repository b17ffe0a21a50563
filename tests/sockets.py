"""People who talk: a client over a real WebSocket, and one that speaks raw bytes."""

import itertools
import json
import os
import socket
import struct
import time
import uuid
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from lab.kit.handshake import upgrade_request

# What a busy machine may take for anything that should happen at once.
PATIENCE_SECONDS = 30.0

Frame = dict[str, Any]

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def wait_until(holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """What `holds()` returns as soon as it is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.02)
    return value


class Client:
    """One tab: says commands, and picks what it waits for out of what it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        # Everything heard, and what of it nobody has waited for yet.
        self.heard: list[Frame] = []
        self._waiting: list[Frame] = []
        self._refs = map(str, itertools.count(1))
        self.hello: Frame = {}

    def send(self, type_: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type_} | fields))

    def receive(self, type_: str, seconds: float = PATIENCE_SECONDS, **fields: Any) -> Frame:
        """The next frame of this type with these fields; others are kept for later."""
        wanted = {"type": type_} | fields

        def is_wanted(frame: Frame) -> bool:
            return all(key in frame and frame[key] == value for key, value in wanted.items())

        deadline = time.monotonic() + seconds
        for frame in self._waiting:
            if is_wanted(frame):
                self._waiting.remove(frame)
                return frame
        while True:
            frame = self._read(max(0.0, deadline - time.monotonic()), wanted)
            if is_wanted(frame):
                return frame
            self._waiting.append(frame)

    def _read(self, seconds: float, wanted: Frame) -> Frame:
        try:
            frame: Frame = json.loads(self.socket.recv(seconds))
        except TimeoutError:
            heard = [str(frame)[:200] for frame in self.heard[-8:]]
            raise AssertionError(f"{wanted} did not come; heard at last: {heard}") from None
        self.heard.append(frame)
        return frame

    def ask(self, type_: str, **fields: Any) -> Frame:
        """Send a command and wait for its one reply."""
        ref = next(self._refs)
        self.send(type_, ref=ref, **fields)
        return self.reply(ref)

    def reply(self, ref: str) -> Frame:
        while True:
            for frame in self._waiting:
                if "ref" in frame and frame["ref"] == ref:
                    self._waiting.remove(frame)
                    return frame
            self._waiting.append(self._read(PATIENCE_SECONDS, {"ref": ref}))

    def enter(self, room: str, since: Frame | None = None) -> Frame:
        return self.ask("room.enter", room=room, since=since)

    def say(self, room: str, body: str, **fields: Any) -> Frame:
        return self.ask(
            "message.send", **{"room": room, "client_id": str(uuid.uuid4()), "body": body} | fields
        )

    def changes(self, number: int, **fields: Any) -> Frame:
        """The `room.changes` that covers this number."""
        while True:
            frame = self.receive("room.changes", **fields)
            if frame["to"] >= number:
                return frame

    def forget(self) -> None:
        """Forget what was heard so far, and nobody has waited for."""
        self._waiting.clear()
        self.heard.clear()

    def listen(self, seconds: float) -> None:
        """Hear whatever comes in this time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                frame: Frame = json.loads(self.socket.recv(left))
            except TimeoutError:
                return
            self.heard.append(frame)
            self._waiting.append(frame)

    def drain_until_quiet(self) -> list[Frame]:
        """All that was sent before the answer to a ping. The node answers in order."""
        self.ask("ping")
        kept, self._waiting = self._waiting, []
        return kept

    def close_code(self, seconds: float = PATIENCE_SECONDS) -> int | None:
        """Listen until the socket is closed: with which code (1006: without a word)."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                frame = self._read(max(0.0, deadline - time.monotonic()), {"the end": None})
                self._waiting.append(frame)
        except ConnectionClosed:
            return self.socket.close_code

    def close(self) -> None:
        self.socket.close()


class RawSocket:
    """A WebSocket client without manners: it sends any bytes, and reads when it likes."""

    def __init__(
        self,
        port: int,
        *headers: str,
        origin: str | None = None,
        cookie: str = "",
        path: str = "/ws/",
        receive_buffer: int | None = None,
    ) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_SECONDS)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        if origin is None:
            origin = f"http://127.0.0.1:{port}"
        self.socket.sendall(upgrade_request(port, origin, cookie, *headers, path=path))
        self._unread = b""
        while b"\r\n\r\n" not in self._unread:
            self._more()
        head, self._unread = self._unread.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])

    def send(self, payload: bytes | str, opcode: int = TEXT, first: int | None = None) -> None:
        self.socket.sendall(framed(payload, opcode, first))

    def ask(self, type_: str, **fields: Any) -> None:
        self.send(json.dumps({"type": type_} | fields))

    def frame(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. ConnectionError when the end comes without one."""
        opcode, size = self._take(2)
        if size >= 126:
            size = int.from_bytes(self._take(2 if size == 126 else 8))
        return opcode & 15, self._take(size)

    def event(self) -> Frame:
        """The next event; pings in between, of which a slow machine sees some, go unanswered."""
        opcode, payload = self.frame()
        while opcode == PING:
            opcode, payload = self.frame()
        assert opcode == TEXT, (opcode, payload)
        event: Frame = json.loads(payload)
        return event

    def end(self) -> int:
        """Read until the server ends it: with which close code (1006: it hung up without one)."""
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2]) if payload else 1005
        except ConnectionError:
            return 1006

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Hang up in the rudest way."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._more()
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def _more(self) -> None:
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionResetError("the server hung up")
        self._unread += data


def framed(payload: bytes | str, opcode: int = TEXT, first: int | None = None) -> bytes:
    """A masked frame; `first` overrides its first byte (FIN, RSV and opcode)."""
    if isinstance(payload, str):
        payload = payload.encode()
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + size.to_bytes(2)
    else:
        length = b"\xff" + size.to_bytes(8)
    mask = os.urandom(4)
    key = (mask * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
    return bytes([0x80 | opcode if first is None else first]) + length + mask + masked
