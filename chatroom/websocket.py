"""A WebSocket as we speak it over Daphne: frames go straight in and out, and nothing is unbounded.

Daphne and Twisted buffer without bound in both directions (daphne #170). Here a socket that does
not drain is reported as not writable, and one that asks too much is cut off.
"""

import time
from collections.abc import Callable
from typing import Any, ClassVar

from daphne.ws_protocol import WebSocketProtocol

from chat.realtime.sockets import Frame

# Frames that may wait for a consumer which has not begun to listen; a well-behaved client has none.
EARLY_FRAMES_MAX = 16
# Pings of one socket that are answered; more, or one while it takes nothing, and it is cut off.
PINGS_PER_SECOND = 2
PINGS_BURST = 20


class DaphneSocket:
    """Takes ready frames straight to a socket (see chat/realtime/sockets.py)."""

    __slots__ = (
        "_protocol",
        "_socket",
        "_transport",
        "on_text",
        "on_writable",
        "unwritable_since",
        "writable",
    )

    def __init__(self, protocol: "ChatProtocol") -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._socket = protocol.transport.socket
        self.writable = True
        self.unwritable_since = 0.0
        self.on_writable: Callable[[], None] | None = None
        self.on_text: Callable[[str], None] | None = None

    def write(self, frame: Frame) -> None:
        if self._protocol.state != WebSocketProtocol.STATE_OPEN:
            return
        wire, transport = frame.wire, self._transport
        # Pongs, close frames and the handshake go through Twisted's buffer: never overtake them.
        if self.writable and not transport._tempDataBuffer and not transport.dataBuffer:
            # Nothing is pending: no need for that buffer and a turn of the loop.
            try:
                sent = self._socket.send(wire)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # reset by the peer; the reactor will see it
            if sent == len(wire):
                return
            wire = wire[sent:]
            self.pause()
            # Makes Twisted say when all of this is out, not only from 64 KiB on.
            transport.producerPaused = True
        transport.write(wire)

    def abort(self) -> None:
        self._transport.abortConnection()

    def pause_reading(self) -> None:
        self._transport.pauseProducing()

    def resume_reading(self) -> None:
        self._transport.resumeProducing()

    def pause(self) -> None:
        if self.writable:
            self.writable = False
            self.unwritable_since = time.monotonic()

    def resume(self) -> None:
        self.writable = True
        if self.on_writable is not None:
            self.on_writable()


class ChatProtocol(WebSocketProtocol):  # type: ignore[misc]
    """One socket: a push producer of frames, with budgets for what it may ask of us."""

    # Autobahn copies its options into each instance, and formats them for a debug line that nobody
    # reads: an eighth of a handshake. Here they are set on the class, once (ChatServer).
    OPTIONS = WebSocketProtocol.CONFIG_ATTRS
    CONFIG_ATTRS: ClassVar[list[str]] = []

    chat: DaphneSocket | None = None
    pings: float = PINGS_BURST
    pinged_at = 0.0

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        # An Origin that is doubled or no address is as foreign as any other (chatroom/origin.py).
        if "Origin" in reason:
            reason, code = "Access denied", 403
        super().failHandshake(reason, code, responseHeaders)

    def onOpen(self) -> None:
        # The producer that is registered is the HTTP channel's, which is gone.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, streaming=True)
        super().onOpen()

    def pauseProducing(self) -> None:
        if self.chat is not None:
            self.chat.pause()

    def resumeProducing(self) -> None:
        if self.chat is not None:
            self.chat.resume()

    def stopProducing(self) -> None:
        """The connection is lost; onClose says so too."""

    def dataReceived(self, data: bytes) -> None:
        # Between two messages whole text frames are taken at once, in a tenth of autobahn's time.
        # All else (fragments, control frames, violations, the rest of a frame) is autobahn's.
        if self.state == self.STATE_OPEN and not (
            self.data or self.current_frame or self.inside_message or self.autoPingPending
        ):
            data = self._take_text_frames(data)
        if data:
            super().dataReceived(data)

    def _take_text_frames(self, data: bytes) -> bytes:
        """Hand over the text frames that `data` begins with, and return what is left."""
        while len(data) > 6 and data[0] == 0x81 and data[1] & 0x80 and not self.muted:
            size, start = data[1] & 0x7F, 2
            if size == 126:
                size, start = int.from_bytes(data[2:4]), 4
                if size < 126:
                    break
            elif size in (0, 127):
                # Nothing, or a length of eight bytes: larger than what is taken here.
                break
            end = start + 4 + size
            if len(data) < end:
                break
            try:
                text = _unmasked(data[start : start + 4], data[start + 4 : end]).decode()
            except UnicodeDecodeError:
                break
            data = data[end:]
            self._take_text(text)
            if self.state != self.STATE_OPEN:
                break
        return data

    def _take_text(self, text: str) -> None:
        self.last_ping = time.time()
        if self.chat is not None and self.chat.on_text is not None:
            self.chat.on_text(text)
        elif self.application_queue.qsize() < EARLY_FRAMES_MAX:
            self.application_queue.put_nowait({"type": "websocket.receive", "text": text})
        else:
            self.transport.abortConnection()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if isBinary:
            super().onMessage(payload, isBinary)
        elif not self.muted:
            self._take_text(payload.decode())

    def onPing(self, payload: bytes) -> None:
        now = time.monotonic()
        elapsed, self.pinged_at = now - self.pinged_at, now
        self.pings = min(PINGS_BURST, self.pings + elapsed * PINGS_PER_SECOND) - 1
        # Each pong is buffered: whoever pings without reading would fill our memory.
        if self.pings < 0 or (self.chat is not None and not self.chat.writable):
            self.transport.abortConnection()
        else:
            super().onPing(payload)


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
