"""Writing frames to a browser, without a buffer of our own: a socket is writable or it is not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from .. import protocol

# The key in `scope["extensions"]` under which chatroom/server.py hands over a FrameWriter.
EXTENSION = "chatroom.frames"


class Frame:
    """One event, encoded and framed once for all sockets (a final text frame of RFC 6455)."""

    __slots__ = ("payload", "wire")

    def __init__(self, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            header = bytes((0x81, size))
        elif size < 65536:
            header = b"\x81\x7e" + size.to_bytes(2)
        else:
            header = b"\x81\x7f" + size.to_bytes(8)
        self.payload = payload
        self.wire = header + payload


def frame(event: Any) -> Frame:
    return Frame(protocol.encode(event))


class FrameWriter(Protocol):
    """What the hub needs of a socket.

    `write` takes everything at once; while `writable` is false the caller should hold back what it
    can get again, and `on_writable` is called when the socket has drained.
    """

    writable: bool
    on_writable: Callable[[], None]
    unwritable_since: float

    def write(self, frame: Frame) -> None: ...

    def abort(self) -> None: ...


class AsgiWriter:
    """A FrameWriter over plain ASGI `send`: any server will do, one frame in flight at a time."""

    def __init__(self, send: Callable[[Any], Awaitable[None]]) -> None:
        self.writable = True
        self.on_writable: Callable[[], None] = lambda: None
        self.unwritable_since = 0.0
        self._send = send
        self._waiting: list[Frame] = []
        self._task: asyncio.Task[None] | None = None

    def write(self, frame: Frame) -> None:
        self._waiting.append(frame)
        if self._task is None:
            self.writable = False
            self.unwritable_since = time.monotonic()
            self._task = asyncio.get_running_loop().create_task(self._drain())

    def abort(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                text = self._waiting.pop(0).payload.decode()
                await self._send({"type": "websocket.send", "text": text})
        except Exception:
            # The socket is gone; the server will say so to the consumer.
            self._waiting.clear()
        finally:
            self._task = None
        self.writable = True
        self.on_writable()
