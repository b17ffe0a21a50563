"""Writing frames to a browser without a buffer of our own: a socket is writable or it is not."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from .. import protocol
from ..scheduler import start_task

# The key in `scope["extensions"]` under which chatroom/server/daphne_server.py hands over a Socket.
EXTENSION = "chatroom.socket"


Send = Callable[[bytes], int]

# The close code of a socket that is cut off, if it still gets it: an error of the server.
ABORTED = 1011
# A socket that is cut off gets so long to take what waits for it.
CLOSE_SECONDS = 2.0


class Frame:
    """Events to be written together, encoded and framed once for all sockets.

    `wire` is what a browser reads: final text frames of RFC 6455, one behind the other.
    """

    __slots__ = ("payloads", "wire")

    def __init__(self, payloads: tuple[bytes, ...], wire: bytes) -> None:
        self.payloads = payloads
        self.wire = wire

    @classmethod
    def of(cls, payload: bytes) -> "Frame":
        size = len(payload)
        if size < 126:
            header = bytes((0x81, size))
        elif size < 65536:
            header = b"\x81\x7e" + size.to_bytes(2)
        else:
            header = b"\x81\x7f" + size.to_bytes(8)
        return cls((payload,), header + payload)

    @classmethod
    def joined(cls, frames: "list[Frame]") -> "Frame":
        payloads = tuple(payload for frame in frames for payload in frame.payloads)
        return cls(payloads, b"".join(frame.wire for frame in frames))


def frame(event: protocol.Reply | protocol.Event) -> Frame:
    return Frame.of(protocol.encode(event))


class Socket(Protocol):
    """What the chat needs of a socket.

    `write` takes every frame at once; while `writable` is false the caller should hold back what it
    can get again. `on_unwritable` is called when that begins, and `on_writable` when the socket has
    drained. `on_text` gets each incoming text frame, if the server can hand it over without ASGI's
    queue.
    """

    writable: bool
    unwritable_since: float
    on_writable: Callable[[], None] | None
    on_unwritable: Callable[[], None] | None
    on_text: Callable[[str], None] | None

    def write(self, frame: Frame) -> None: ...

    def direct_send(self) -> Send | None:
        """Writes to the network at once and says how many bytes it took, or raises OSError.

        None if that would overtake something. It may be used until `on_unwritable` is called; if it
        takes less than all, the rest goes to `write_rest`.
        """

    def write_rest(self, frame: Frame, sent: int) -> None:
        """Write what the direct send left of a frame."""

    def abort(self, code: int = ...) -> None:
        """Close, though what was written last may not come through. `code` may not either."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class AsgiSocket:
    """A Socket over plain ASGI `send`: any server will do, one frame in flight at a time.

    `end` ends the application, for servers whose `send` waits for a client that takes nothing.
    """

    def __init__(self, send: Callable[[Any], Awaitable[None]], end: Callable[[], Any]) -> None:
        self.writable = True
        self.unwritable_since = 0.0
        self.on_writable: Callable[[], None] | None = None
        self.on_unwritable: Callable[[], None] | None = None
        self.on_text: Callable[[str], None] | None = None
        # Cleared while nothing more should be received.
        self.may_read = asyncio.Event()
        self.may_read.set()
        self._send = send
        self._end = end
        self._waiting: deque[Frame] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    def write(self, frame: Frame) -> None:
        if self._closing is not None:
            return
        self._waiting.append(frame)
        if self._task is None:
            self._task = start_task(self._drain())
            self.writable = False
            self.unwritable_since = time.monotonic()
            if self.on_unwritable is not None:
                self.on_unwritable()

    def direct_send(self) -> None:
        """Not possible here: ASGI's `send` waits."""

    def write_rest(self, frame: Frame, sent: int) -> None:
        raise NotImplementedError("There is no direct send.")

    def abort(self, code: int = ABORTED) -> None:
        if self._closing is None:
            self._closing = start_task(self._close(code))

    def pause_reading(self) -> None:
        self.may_read.clear()

    def resume_reading(self) -> None:
        self.may_read.set()

    async def _close(self, code: int) -> None:
        """Write what waits, for a moment, and close; if that fails, end the application."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                if self._task is not None:
                    await asyncio.wait([self._task])
                await self._send({"type": "websocket.close", "code": code})
        except Exception:
            if self._task is not None:
                self._task.cancel()
            self._end()
        finally:
            # The end has to be read as well.
            self.may_read.set()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                for payload in self._waiting.popleft().payloads:
                    await self._send({"type": "websocket.send", "text": payload.decode()})
        except Exception:
            # The socket is gone; the server will say so to the consumer.
            self._waiting.clear()
        finally:
            self._task = None
        self.writable = True
        if self.on_writable is not None and self._closing is None:
            self.on_writable()
