"""A WebSocket over Daphne: frames go straight in and out, and every buffer has a bound.

Daphne and Twisted buffer without bound in both directions (daphne #170). Here a socket that does
not drain is reported as not writable, and one that asks too much is closed.
"""

import time
from collections.abc import Callable
from typing import Any, ClassVar

from daphne.ws_protocol import WebSocketProtocol
from django.utils.translation import gettext_lazy as _

from chat.realtime.rate_limits import Bucket, Policy
from chat.realtime.sockets import Frame, Send

# Frames that may wait for a consumer which has not begun to listen; a well-behaved client has none.
EARLY_FRAMES_MAX = 16
# What is read of one socket before the others have their turn: a hundred small frames.
TURN_BYTES = 8 * 1024
# A message, fragments or not, must be whole within this time after it began.
MESSAGE_SECONDS = 30


class DaphneSocket:
    """Takes ready frames straight to a socket (see chat/realtime/sockets.py)."""

    __slots__ = (
        "_closing",
        "_protocol",
        "_send",
        "_transport",
        "on_text",
        "on_unwritable",
        "on_writable",
        "unwritable_since",
        "writable",
    )

    def __init__(self, protocol: "ChatProtocol") -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._send: Send = protocol.transport.socket.send
        self._closing = False
        self.writable = True
        self.unwritable_since = 0.0
        self.on_writable: Callable[[], None] | None = None
        self.on_unwritable: Callable[[], None] | None = None
        self.on_text: Callable[[str], None] | None = None

    def write(self, frame: Frame) -> None:
        if not self._closing:
            self.write_bytes(frame.wire)

    def write_bytes(self, wire: bytes) -> None:
        """Write what the protocol made itself: control frames and the handshake."""
        send = self.direct_send()
        if send is None:
            self._transport.write(wire)
            return
        # Nothing is pending: no need for Twisted's buffer and a turn of the loop.
        try:
            sent = send(wire)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # reset by the peer; the reactor will see it
        if sent < len(wire):
            self._buffer(wire[sent:])

    def direct_send(self) -> Send | None:
        # Everything is written here, and what is left in Twisted's buffer makes this unwritable;
        # only an HTTP response before the handshake may still be there.
        transport = self._transport
        is_clear = self.writable and transport.connected and not self._closing
        if is_clear and not transport._tempDataBuffer and not transport.dataBuffer:
            return self._send
        return None

    def write_rest(self, frame: Frame, sent: int) -> None:
        self._buffer(frame.wire[sent:])

    def _buffer(self, wire: bytes) -> None:
        self.pause()
        # Makes Twisted say when all of this is out, not only from 64 KiB on.
        self._transport.producerPaused = True
        self._transport.write(wire)

    def end(self) -> None:
        """A close frame was sent: nothing may follow it."""
        self._closing = True
        if self.on_unwritable is not None:
            self.on_unwritable()

    def abort(self, code: int = 0) -> None:
        self._transport.abortConnection()

    def pause_reading(self) -> None:
        # While the socket is not read, its message cannot be late.
        self._protocol.began_at = 0.0
        self._transport.pauseProducing()

    def resume_reading(self) -> None:
        self._transport.resumeProducing()

    def pause(self) -> None:
        if self.writable:
            self.writable = False
            self.unwritable_since = time.monotonic()
            if self.on_unwritable is not None:
                self.on_unwritable()

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

    # Pings that are answered. After more, or one while the socket takes nothing, it is closed.
    PINGS = Policy(_("Too many pings at once."), per_second=2, burst=20)
    # Fragments and control frames. Whole text frames are the consumer's to count.
    OTHER_FRAMES = Policy(_("Too many control frames at once."), per_second=50, burst=500)

    chat: DaphneSocket | None = None
    pings: Bucket | None = None
    other_frames: Bucket | None = None
    # When the message began of which only a part is here.
    began_at = 0.0

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        # An Origin that is doubled or no address is as foreign as any other (server/origin.py).
        if "Origin" in reason:
            reason, code = "Access denied", 403
        super().failHandshake(reason, code, responseHeaders)

    def onOpen(self) -> None:
        # The producer that is registered is the HTTP channel's, which is gone.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, streaming=True)
        self.transport.bufferSize = TURN_BYTES
        super().onOpen()

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        if self.chat is None or sync or chopsize:
            super().sendData(data, sync, chopsize)
        else:
            self.chat.write_bytes(data)

    def sendCloseFrame(self, *args: Any, **kwargs: Any) -> None:
        super().sendCloseFrame(*args, **kwargs)
        if self.chat is not None:
            self.chat.end()

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
        # The rest (fragments, control frames, violations, the rest of a frame) goes to autobahn.
        if (
            self.state == self.STATE_OPEN
            and self._is_between_messages()
            and not self.autoPingPending
        ):
            data = self._take_text_frames(data)
        if data:
            super().dataReceived(data)
            if self.state != self.STATE_OPEN or self._is_between_messages():
                self.began_at = 0.0
            elif not self.began_at:
                self.began_at = time.monotonic()

    def _is_between_messages(self) -> bool:
        return not (self.data or self.current_frame or self.inside_message)

    def _take_text_frames(self, data: bytes) -> bytes:
        """Hand over the text frames that `data` begins with, and return what is left."""
        at, there = 0, len(data)
        while there - at > 6 and data[at] == 0x81 and data[at + 1] & 0x80 and not self.muted:
            size, start = data[at + 1] & 0x7F, at + 2
            if size == 126:
                size, start = int.from_bytes(data[start : start + 2]), start + 2
                if size < 126:
                    break
            elif size in (0, 127):
                # Nothing, or a length of eight bytes: larger than what is taken here.
                break
            end = start + 4 + size
            if there < end:
                break
            try:
                text = _unmasked(data[start : start + 4], data[start + 4 : end]).decode()
            except UnicodeDecodeError:
                break
            at = end
            self._take_text(text)
            if self.state != self.STATE_OPEN:
                break
        return data[at:] if at else data

    def _take_text(self, text: str) -> None:
        self.last_ping = time.monotonic()
        if self.chat is not None and self.chat.on_text is not None:
            self.chat.on_text(text)
        else:
            self._queue({"type": "websocket.receive", "text": text})

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.began_at = 0.0
        if self.muted:
            return
        if isBinary:
            self._queue({"type": "websocket.receive", "bytes": payload})
        else:
            self._take_text(payload.decode())

    def _queue(self, message: dict[str, Any]) -> None:
        if self.application_queue.qsize() < EARLY_FRAMES_MAX:
            self.application_queue.put_nowait(message)
        else:
            self._cut_off()

    def onFrameBegin(self) -> None:
        frame = self.current_frame
        if not frame.fin or frame.opcode != self.MESSAGE_TYPE_TEXT:
            self.other_frames = self.other_frames or Bucket(self.OTHER_FRAMES)
            if self.other_frames.take(time.monotonic()):
                self._cut_off()
                return
        super().onFrameBegin()

    def onPing(self, payload: bytes) -> None:
        self.pings = self.pings or Bucket(self.PINGS)
        # Each pong is buffered: a client that pings without reading would fill our memory.
        if self.pings.take(time.monotonic()) or not (self.chat is None or self.chat.writable):
            self._cut_off()
        else:
            super().onPing(payload)

    def check_timeouts(self) -> None:
        """Called every two seconds."""
        if self.began_at and time.monotonic() - self.began_at > MESSAGE_SECONDS:
            self._cut_off()
        else:
            super().check_timeouts()

    def _cut_off(self) -> None:
        """Close the connection at once; the rest of what was received is not looked at."""
        self.dropConnection(abort=True)


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)
