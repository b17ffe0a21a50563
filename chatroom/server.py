"""Daphne as we run it: back-pressure both ways, frames written once, an orderly end.

Daphne and Twisted buffer without bound in both directions (daphne #170). Here a socket that does
not drain is reported as not writable, one that sends faster than we answer is not read, and
SIGTERM lets everyone go with a word.
"""

import asyncio
import gc
import logging
import random
import time
from collections.abc import Callable
from typing import Any, ClassVar

from daphne.server import Server, twisted_loop
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer

from chat import protocol
from chat.realtime import node
from chat.realtime.sockets import EXTENSION, Frame

logger = logging.getLogger(__name__)

# Frames that may wait for a consumer which has not begun to listen; a well-behaved client has none.
EARLY_FRAMES_MAX = 16
# Pings of one socket that are answered; more, or one while it takes nothing, and it is cut off.
PINGS_PER_SECOND = 2
PINGS_BURST = 20
# While draining, at least so many sockets are told to go in a second, all of them within the time
# given, and asked to spread their return over some more.
DRAIN_PER_SECOND = 300
DRAIN_LEAVING_SECONDS = 20
DRAIN_RETRY_MS = 15_000
DRAIN_SECONDS = 40
# A burst of clients must not wait a second for its SYN to be sent again.
LISTEN_BACKLOG = 4096


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
            if not 0 < size <= protocol.SERVER_FRAME_MAX or (start == 4 and size < 126):
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


class ChatServer(Server):  # type: ignore[misc]
    """Daphne's server with our protocol, one node, and a drain."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            # A client that answers late, even both pings, is cut off unless timeout < interval.
            ping_interval=25,
            ping_timeout=20,
            websocket_timeout=-1,
            websocket_handshake_timeout=10,
            websocket_max_message_size=protocol.SERVER_FRAME_MAX,
            websocket_max_frame_size=protocol.SERVER_FRAME_MAX,
            server_name="",
            **kwargs,
        )
        self._ports: list[Any] = []

    def run(self) -> None:
        # On the loop itself: Twisted's own start-up calls run outside of it.
        twisted_loop.call_soon(node.current)
        super().run()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)
        # Server.run has made its factory by now, and takes no other.
        self.ws_factory.protocol = ChatProtocol
        for option in ChatProtocol.OPTIONS:
            value = getattr(self.ws_factory, option)
            # Some are functions, which a class would turn into methods.
            setattr(ChatProtocol, option, staticmethod(value) if callable(value) else value)

    def create_application(self, connection: Any, scope: dict[str, Any]) -> Any:
        if isinstance(connection, ChatProtocol):
            connection.chat = DaphneSocket(connection)
            scope["extensions"] = {EXTENSION: connection.chat}
        return super().create_application(connection, scope)

    # --- The end ------------------------------------------------------------------------------

    def kill_all_applications(self) -> Any:
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        """Take no one in, let everyone go, finish what was begun; all within DRAIN_SECONDS."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                for port in self._ports:
                    port.stopListening()
                await self._let_everyone_go()
                await node.stop_current()
        except Exception:
            logger.exception("The drain was cut short")
        for details in self.connections.values():
            # Missing if its consumer had ended already (Daphne raises a KeyError there).
            application = details.get("application_instance")
            if application is not None and not application.done():
                application.cancel()

    async def _let_everyone_go(self) -> None:
        leaving = list(node.current().rollcall.connections)
        at_once = max(DRAIN_PER_SECOND, len(leaving) // DRAIN_LEAVING_SECONDS) // 10
        for count, connection in enumerate(leaving, 1):
            retry_ms = random.randrange(min(DRAIN_RETRY_MS, 500 + 5 * len(leaving)))  # noqa: S311
            connection.dismiss(protocol.CLOSE_DRAINING, "This node is restarting.", retry_ms)
            if count % at_once == 0:
                await asyncio.sleep(0.1)
        # What was sent before the bye is committed and answered; then the close frames go out.
        await node.current().writer.finish()
        for connection in leaving:
            connection.hang_up(protocol.CLOSE_DRAINING)
        await asyncio.sleep(0.2)


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    interface = host.replace(":", r"\:")
    _serve(f"tcp:{port}:interface={interface}:backlog={LISTEN_BACKLOG}")


def serve_socket(fd: int) -> None:
    """The same on a listening socket that others listen on too (chatroom/workers.py)."""
    _serve(f"fd:fileno={fd}")


def _serve(endpoint: str) -> None:
    from chatroom.asgi import application

    # What is here now stays; and a thousand new sockets are no garbage. Without this, collecting
    # takes a quarter of the time in which they connect.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    ChatServer(application, endpoints=[endpoint]).run()
