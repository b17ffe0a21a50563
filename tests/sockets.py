"""A client of raw bytes, and what is common to tests that wait.

The client that keeps to the protocol is the lab's (lab/kit/sync_client.py).
"""

import json
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from lab.kit.handshake import upgrade_request
from lab.kit.sync_client import PATIENCE_SECONDS, Frame
from lab.kit.sync_client import SyncClient as Client

__all__ = [
    "PATIENCE_SECONDS",
    "Client",
    "Frame",
    "RawSocket",
    "framed",
    "wait_until",
]

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def wait_until(holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """What `holds()` returns as soon as it is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.02)
    return value


LIST_EVENTS = ("rooms.state", "room.updated", "room.activity")


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
        """The next event about this room: what the list of rooms hears comes when it comes.

        Pings in between, of which a slow machine sees some, go unanswered.
        """
        while True:
            opcode, payload = self.frame()
            if opcode == PING:
                continue
            assert opcode == TEXT, (opcode, payload)
            event: Frame = json.loads(payload)
            if event["type"] not in LIST_EVENTS:
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
