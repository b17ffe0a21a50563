"""Daphne as we run it: back-pressure both ways, frames written once, an orderly end.

Daphne and Twisted buffer without bound in both directions (daphne #170). Here a socket that does
not drain is reported as not writable, one that sends faster than we answer is not read, and
SIGTERM lets everyone go with a word.
"""

import asyncio
import functools
import logging
import random
import time
from collections.abc import Callable
from typing import Any

from daphne.server import Server, twisted_loop
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer

from chat import protocol
from chat.realtime import node
from chat.realtime.sockets import EXTENSION, Frame

logger = logging.getLogger(__name__)

# Frames of one socket that wait for the consumer; beyond this it is not read until they are done.
INBOUND_MAX = 64
# Pings of one socket that are answered; more, or one while it takes nothing, and it is cut off.
PINGS_PER_SECOND = 2
PINGS_BURST = 20
# Sockets told to go in a second while draining, and how long they have to come back elsewhere.
DRAIN_PER_SECOND = 300
DRAIN_RETRY_MS = 15_000
DRAIN_SECONDS = 30
# A burst of clients must not wait a second for its SYN to be sent again.
LISTEN_BACKLOG = 4096


class FrameWriter:
    """Writes ready frames straight to a socket (see chat/realtime/sockets.py)."""

    __slots__ = (
        "_protocol",
        "_socket",
        "_transport",
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
        self.on_writable: Callable[[], None] = _nothing

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

    def pause(self) -> None:
        if self.writable:
            self.writable = False
            self.unwritable_since = time.monotonic()

    def resume(self) -> None:
        self.writable = True
        self.on_writable()


def _nothing() -> None:
    pass


class Inbox(asyncio.Queue[dict[str, Any]]):
    """A consumer's incoming frames: when they are too many, the socket is not read."""

    def __init__(self, transport: Any) -> None:
        super().__init__()
        self._transport = transport
        self._paused = False

    def put_nowait(self, item: dict[str, Any]) -> None:
        super().put_nowait(item)
        if self.qsize() > INBOUND_MAX and not self._paused:
            self._paused = True
            self._transport.pauseProducing()

    async def get(self) -> dict[str, Any]:
        item = await super().get()
        if self._paused and self.qsize() < INBOUND_MAX // 2:
            self._paused = False
            self._transport.resumeProducing()
        return item


class ChatProtocol(WebSocketProtocol):  # type: ignore[misc]  # Daphne has no types
    """One socket: a push producer of frames, with budgets for what it may ask of us."""

    frames: FrameWriter | None = None
    pings: float = PINGS_BURST
    pinged_at = 0.0

    def onOpen(self) -> None:
        # The producer that is registered is the HTTP channel's, which is gone.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, streaming=True)
        super().onOpen()

    def pauseProducing(self) -> None:
        if self.frames is not None:
            self.frames.pause()

    def resumeProducing(self) -> None:
        if self.frames is not None:
            self.frames.resume()

    def stopProducing(self) -> None:
        """The connection is lost; onClose says so too."""

    def onPing(self, payload: bytes) -> None:
        now = time.monotonic()
        elapsed, self.pinged_at = now - self.pinged_at, now
        self.pings = min(PINGS_BURST, self.pings + elapsed * PINGS_PER_SECOND) - 1
        # Each pong is buffered: whoever pings without reading would fill our memory.
        if self.pings < 0 or (self.frames is not None and not self.frames.writable):
            self.transport.abortConnection()
        else:
            super().onPing(payload)


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

    def create_application(self, connection: Any, scope: dict[str, Any]) -> Any:
        if not isinstance(connection, ChatProtocol):
            return super().create_application(connection, scope)
        scope["asgi"] = {"version": "3.0"}
        connection.frames = FrameWriter(connection)
        scope["extensions"] = {EXTENSION: connection.frames}
        inbox = Inbox(connection.transport)
        application = self.application(
            scope=scope,
            receive=inbox.get,
            send=functools.partial(self.handle_reply, connection),
        )
        if connection not in self.connections:
            return None
        self.connections[connection]["application_instance"] = asyncio.ensure_future(application)
        return inbox

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
        for count, connection in enumerate(leaving, 1):
            retry_ms = random.randrange(min(DRAIN_RETRY_MS, 500 + 5 * len(leaving)))  # noqa: S311
            connection.close(protocol.CLOSE_DRAINING, "This node is restarting.", retry_ms)
            if count % (DRAIN_PER_SECOND // 10) == 0:
                await asyncio.sleep(0.1)
        # What was sent before the bye is committed and answered; then the close frames go out.
        await node.current().writer.finish()
        await asyncio.sleep(0.2)


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    from chatroom.asgi import application

    interface = host.replace(":", r"\:")
    endpoint = f"tcp:{port}:interface={interface}:backlog={LISTEN_BACKLOG}"
    ChatServer(application, endpoints=[endpoint]).run()
