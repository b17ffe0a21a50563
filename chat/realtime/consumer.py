"""One tab's WebSocket: frames come in, are decoded, handed to the handler of their command, and
answered in the order they came. It decides nothing else.
"""

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any, cast

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .. import protocol
from ..errors import BadCommand, BadFrame, ChatError, RateLimited, Unavailable
from ..metrics import counters
from ..protocol.refs import find_ref, is_json_object
from ..scheduler import start_task
from . import handshake, node, visitors
from .commands import HANDLERS, Work
from .connection import Connection
from .outcome_replies import rejection
from .rate_limits import Bucket, Policy
from .sockets import EXTENSION, AsgiSocket, Socket

logger = logging.getLogger(__name__)

# A client that keeps sending what is no command does not speak our protocol.
BAD_FRAMES = Policy(_("Too many malformed frames at once."), per_second=1 / 6, burst=10)
# Frames that wait while an earlier one is answered; beyond this the socket is not read.
WAITING_MAX = 64
# A client that goes on over the limit does not wait as told, and is closed for a while.
REFUSALS = Policy(_("Too many refused commands at once."), per_second=1, burst=100)


class ChatConsumer(AsyncWebsocketConsumer):
    """Channels' end of one connection."""

    # No channel of its own: it would cost Redis a subscription for each socket. The node's bus
    # listens for all of them.
    channel_layer_alias = "none"

    connection: Connection | None = None
    closing: asyncio.Task[None] | None = None
    working: asyncio.Task[None] | None = None
    application: asyncio.Task[Any] | None = None
    has_ended = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.application = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        finally:
            # A socket that was cut off may end without a message from the server.
            if self.connection is not None and not self.has_ended:
                await self.disconnect(1006)

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels hops to a thread before each frame, to close database connections we never open.
        match message["type"]:
            case "websocket.receive":
                await self.receive(message.get("text"), message.get("bytes"))
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                await self.disconnect(message["code"])
                raise StopConsumer

    # --- Connecting and disconnecting ---------------------------------------------------------

    async def connect(self) -> None:
        self.node = node.current()
        address = (self.scope.get("client") or ["unknown"])[0]
        # Accepted even if refused: a browser learns no reason from a refused handshake.
        await self.accept()
        identity = handshake.identity_of(self.node, self.scope, address)
        if isinstance(identity, handshake.Refusal):
            await self._refuse(identity)
            return
        counters.handshakes["admitted"] += 1
        self.bad_frames = Bucket(BAD_FRAMES)
        self.refusals = Bucket(REFUSALS)
        self.socket = self._socket()
        self.socket.on_text = self.receive_frame
        self.connection = Connection(identity, address, self.socket, self._close_socket)
        self.waiting = self.connection.waiting
        self.socket.on_writable = self.resume
        self.socket.on_unwritable = self.connection.pause
        self.node.connected(self.connection)
        # Frames that arrive meanwhile wait in order, as behind any work.
        self._start(self._admit(self.connection))

    async def _admit(self, connection: Connection) -> None:
        """Say hello once the database has confirmed the session.

        A database that gives no answer is not waited for: the page then gets its commands refused
        as `unavailable`, and the node asks again each second.
        """
        await self.node.registry.check(connection)
        if not connection.closed:
            connection.write(handshake.hello(self.node, connection))
            self.node.room_lists.introduce(connection)

    async def disconnect(self, code: int) -> None:
        self.has_ended = True
        counters.closes[code] += 1
        if self.connection is not None:
            self.node.disconnected(self.connection)
        if self.working is not None:
            self.working.cancel()

    async def _refuse(self, refusal: handshake.Refusal) -> None:
        counters.handshakes[refusal.outcome] += 1
        counters.byes[refusal.code] += 1
        bye = protocol.Bye(refusal.code, refusal.reason, refusal.retry_ms)
        await self.send(text_data=protocol.encode(bye).decode())
        await self.close(refusal.code)

    def _socket(self) -> Socket:
        extensions = self.scope.get("extensions") or {}
        return cast(Socket, extensions.get(EXTENSION) or AsgiSocket(self.base_send, self._end))

    def _end(self) -> None:
        """End this socket's application; its server then drops the connection."""
        if self.application is not None:
            self.application.cancel()

    def _close_socket(self, code: int) -> None:
        if self.closing is None:
            self.closing = start_task(self.close(code))

    # --- Frames, in the order they come -------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A frame by way of ASGI: the server waits until it is answered."""
        if self.connection is None:
            return
        if text_data is None:
            self.connection.close(protocol.CLOSE_PROTOCOL, gettext("Frames are text."))
            return
        self.receive_frame(text_data)
        if self.working is not None:
            await asyncio.wait([self.working])
        if isinstance(self.socket, AsgiSocket):
            # More of what waits for an answer would fill our memory.
            await self.socket.may_read.wait()

    def receive_frame(self, text: str) -> None:
        """Answer a frame; one that has to wait for something holds up those behind it.

        While the socket takes no answers, no frame is answered: each answer would fill our memory.
        """
        if self.working is not None or not self.socket.writable:
            self.waiting.append(text)
            if len(self.waiting) == WAITING_MAX:
                self.socket.pause_reading()
            return
        work = self._handle(text)
        if work is not None:
            self._start(work)

    def resume(self) -> None:
        """The socket has drained: write what it missed, and answer what waits."""
        if self.connection is not None:
            self.connection.flush()
        if self.waiting and self.working is None:
            self._start(None)

    def _start(self, work: Work | None) -> None:
        self.working = start_task(self._work(work))

    async def _work(self, work: Work | None) -> None:
        try:
            while True:
                if work is not None:
                    await work
                if not self.waiting or not self.socket.writable:
                    break
                work = self._handle(self.waiting.popleft())
        finally:
            self.working = None
            if len(self.waiting) < WAITING_MAX:
                self.socket.resume_reading()

    # --- One frame ----------------------------------------------------------------------------

    def _handle(self, text: str) -> Work | None:
        """Answer a frame at once, or return the work that answers it."""
        connection = self.connection
        if connection is None or connection.closed or self.closing:
            return None
        received = datetime.now(UTC)
        ref: str | None = None
        try:
            self._check_rate(connection, text)
            command = self._decode(connection, text)
            ref = getattr(command, "ref", None)
            if not connection.is_checked:
                raise Unavailable(
                    gettext("Your session cannot be checked now; try again."), retry_ms=2000
                )
            if connection.is_visitor:
                visitors.check(self.node.limits, connection, command)
            work = HANDLERS[type(command)](self.node, connection, command, received)
        except Exception as error:
            self._reject(error, ref if ref is not None else find_ref(text))
        else:
            return self._guarded(work, ref) if work is not None else None
        return None

    async def _guarded(self, work: Work, ref: str | None) -> None:
        try:
            await work
        except Exception as error:
            self._reject(error, ref)

    def _reject(self, error: Exception, ref: str | None) -> None:
        if not isinstance(error, ChatError):
            # An exception that got further would leave the socket open and unanswered.
            logger.error("A command failed unexpectedly", exc_info=error)
            error = Unavailable(gettext("Something went wrong; try again."), retry_ms=2000)
        if self.connection is not None:
            self.connection.write(rejection(error, ref))

    def _check_rate(self, connection: Connection, text: str) -> None:
        try:
            self.node.limits.check_bucket(connection.commands)
        except RateLimited as error:
            # To find the ref of broken JSON costs most: few of those, also over the limit.
            if not is_json_object(text):
                self._count_bad_frame(connection)
            if not connection.closed and self.refusals.take(time.monotonic()):
                connection.close(protocol.CLOSE_RATE, error.detail, retry_ms=5000)
            raise

    def _decode(self, connection: Connection, text: str) -> protocol.Command:
        try:
            return protocol.decode_command(text)
        except (BadFrame, BadCommand):
            self._count_bad_frame(connection)
            raise

    def _count_bad_frame(self, connection: Connection) -> None:
        if self.bad_frames.take(time.monotonic()):
            connection.close(protocol.CLOSE_PROTOCOL, gettext("This is not our protocol."))
