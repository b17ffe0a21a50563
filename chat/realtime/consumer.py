"""The socket's end of the chat: decodes, delegates, encodes; decides nothing."""

import asyncio
import contextvars
import logging
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any, assert_never, cast

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from chatroom import VERSION

from .. import protocol
from ..accounts import sessions
from ..accounts.permissions import Permission
from ..errors import BadCommand, BadFrame, ChatError, RateLimited, SessionEnded, Unavailable
from ..messages.commit import Accepted, Outcome
from ..messages.operations import Delete, Edit, Operation, Post, React
from ..metrics import OUTBOX_AGE_SECONDS, counters
from ..protocol.refs import find_ref, is_json_object
from . import node, visitors
from .connection import Connection
from .rate_limits import (
    HANDSHAKES_BY_ADDRESS,
    MESSAGES_BY_ADDRESS,
    MESSAGES_BY_MEMBER,
    Bucket,
    Policy,
)
from .sockets import EXTENSION, AsgiSocket, Socket

logger = logging.getLogger(__name__)

# Whoever keeps sending what is no command does not speak our protocol.
BAD_FRAMES = Policy("malformed frames", per_second=1 / 6, burst=10)
# Frames that wait while an earlier one is answered; beyond this the socket is not read.
WAITING_MAX = 64
# Whoever goes on over the limit is not waiting as told, and is closed for a while.
REFUSALS = Policy("refused commands", per_second=1, burst=100)


class ChatConsumer(AsyncWebsocketConsumer):
    """One tab's WebSocket."""

    # No layer of its own: it would cost Redis a subscription for each socket. The hub listens once.
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
            # A socket that was cut off may end without a word from the server.
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

    # --- Coming and going ---------------------------------------------------------------------

    async def connect(self) -> None:
        self.node = node.current()
        address = (self.scope.get("client") or ["unknown"])[0]
        # Accepted even if refused: a browser learns no reason from a refused handshake.
        await self.accept()
        try:
            self.node.limits.check_address(HANDSHAKES_BY_ADDRESS, address)
        except RateLimited as error:
            await self._refuse("rate_limited", protocol.CLOSE_RATE, error.detail, error.retry_ms)
            return
        visits = visitors.is_visit(self.scope)
        if visits and self.node.registry.visitors.is_full(address):
            full = "Too many people read along from your network now. Join with a name."
            await self._refuse("too_many_sockets", protocol.CLOSE_RATE, full, 30_000)
            return
        headers = self.scope["headers"]
        identity = sessions.VISITOR if visits else sessions.identity_of_headers(headers)
        if identity is None:
            await self._refuse("signed_out", protocol.CLOSE_SIGN_IN, "Join with a name first.")
            return
        if self.node.permissions.is_banned(identity.id):
            await self._refuse("banned", protocol.CLOSE_BANNED, "You are banned.")
            return
        if self.node.registry.is_full(identity.id):
            too_many = f"You have {settings.SOCKETS_PER_MEMBER} tabs open; close some."
            await self._refuse("too_many_sockets", protocol.CLOSE_RATE, too_many, 30_000)
            return
        counters.handshakes["admitted"] += 1
        self.bad_frames = Bucket(BAD_FRAMES)
        self.refusals = Bucket(REFUSALS)
        self.socket = self._socket()
        self.socket.on_text = self.take
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
            connection.write(self._hello(connection))

    async def disconnect(self, code: int) -> None:
        self.has_ended = True
        counters.closes[code] += 1
        if self.connection is not None:
            self.node.disconnected(self.connection)
        if self.working is not None:
            self.working.cancel()

    async def _refuse(
        self, outcome: str, code: int, reason: str, retry_ms: int | None = None
    ) -> None:
        counters.handshakes[outcome] += 1
        counters.byes[code] += 1
        bye = protocol.encode(protocol.Bye(code, reason, retry_ms))
        await self.send(text_data=bye.decode())
        await self.close(code)

    def _socket(self) -> Socket:
        extensions = self.scope.get("extensions") or {}
        return cast(Socket, extensions.get(EXTENSION) or AsgiSocket(self.base_send, self._end))

    def _end(self) -> None:
        """End this socket's application; its server then drops the connection."""
        if self.application is not None:
            self.application.cancel()

    def _hello(self, connection: Connection) -> protocol.Hello:
        return protocol.Hello(
            connection.id,
            self.node.name,
            None if connection.is_visitor else connection.me,
            protocol.HEARTBEAT_SECONDS,
            {"body": settings.MESSAGE_MAX_LENGTH, "frame": protocol.CLIENT_FRAME_MAX},
            protocol.VERSION,
            self.node.permissions.role_name_of(connection.member_id),
            self.node.permissions.muted_until(connection.member_id),
            self.node.permissions.reports_for(connection.member_id),
            VERSION,
        )

    def _close_socket(self, code: int) -> None:
        if self.closing is None:
            self.closing = asyncio.get_running_loop().create_task(self.close(code))

    # --- Frames, in the order they come -------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A frame by way of ASGI: the server waits until it is answered."""
        if self.connection is None:
            return
        if text_data is None:
            self.connection.close(protocol.CLOSE_PROTOCOL, "Frames are text.")
            return
        self.take(text_data)
        if self.working is not None:
            await asyncio.wait([self.working])
        if isinstance(self.socket, AsgiSocket):
            # More of what waits for an answer would fill our memory.
            await self.socket.may_read.wait()

    def take(self, text: str) -> None:
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

    def _start(self, work: Coroutine[Any, Any, None] | None) -> None:
        # A fresh context: this one belongs to Twisted, and is that of all sockets.
        self.working = asyncio.get_running_loop().create_task(
            self._work(work), context=contextvars.Context()
        )

    async def _work(self, work: Coroutine[Any, Any, None] | None) -> None:
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

    def _handle(self, text: str) -> Coroutine[Any, Any, None] | None:
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
                raise Unavailable("Your session cannot be checked now; try again.", retry_ms=2000)
            if connection.is_visitor:
                visitors.check(self.node.limits, connection, command)
            work = self._answer(connection, command, received)
        except Exception as error:
            self._reject(error, ref if ref is not None else find_ref(text))
        else:
            return self._guarded(work, ref) if work is not None else None
        return None

    async def _guarded(self, work: Coroutine[Any, Any, None], ref: str | None) -> None:
        try:
            await work
        except Exception as error:
            self._reject(error, ref)

    def _reject(self, error: Exception, ref: str | None) -> None:
        if not isinstance(error, ChatError):
            # An exception that got further would leave the socket open and deaf.
            logger.error("A command failed unexpectedly", exc_info=error)
            error = Unavailable("Something went wrong; try again.", retry_ms=2000)
        if self.connection is not None:
            self.connection.write(_rejection(error, ref))

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
            connection.close(protocol.CLOSE_PROTOCOL, "This is not our protocol.")

    # --- Commands -----------------------------------------------------------------------------

    def _answer(
        self, connection: Connection, command: protocol.Command, received: datetime
    ) -> Coroutine[Any, Any, None] | None:
        me, key = connection.identity, getattr(command, "room", "")
        match command:
            case protocol.SendMessage(ref, _, client_id, body, reply_to, waited_ms):
                if waited_ms:
                    OUTBOX_AGE_SECONDS.observe(waited_ms / 1000)
                post = Post(me.id, client_id, body, reply_to, me.session)
                return self._submit(connection, key, post, ref, received)
            case protocol.EditMessage(ref, _, seq, body):
                edit = Edit(me.id, seq, body, me.session)
                return self._submit(connection, key, edit, ref, received)
            case protocol.DeleteMessage(ref, _, seq):
                if self.node.permissions.may(me.id, Permission.DELETE):
                    return self.node.desk.handle(connection, command)
                delete = Delete(me.id, seq, session=me.session)
                return self._submit(connection, key, delete, ref, received)
            case protocol.SetReaction(ref, _, seq, emoji, on):
                reaction = React(me.id, seq, emoji, on, me.session)
                return self._submit(connection, key, reaction, ref, received)
            case (
                protocol.RestoreMessage()
                | protocol.ReportMessage()
                | protocol.MuteMember()
                | protocol.BanMember()
                | protocol.AppointMember()
                | protocol.SetRules()
            ):
                return self.node.desk.handle(connection, command)
            case protocol.EnterRoom(ref, _, since):
                return self.node.enter(connection, key, since, ref)
            case protocol.LoadHistory(ref, _, before, limit):
                return self.node.load_history(connection, key, before, limit, ref)
            case protocol.LeaveRoom(ref):
                self.node.leave(connection, key)
                connection.write(protocol.RoomLeft(ref, key))
            case protocol.StartTyping():
                self.node.start_typing(connection, key)
            case protocol.MarkRead(_, seq):
                self.node.mark_read(connection, key, seq)
            case protocol.Ping(ref):
                connection.write(protocol.Pong(ref, datetime.now(UTC)))
            case _:
                assert_never(command)
        return None

    def _submit(
        self, connection: Connection, key: str, intent: Operation, ref: str, received: datetime
    ) -> Coroutine[Any, Any, None] | None:
        """Hand over to the writer; the reply follows the commit, while we read on."""
        self.node.limits.check(MESSAGES_BY_MEMBER, connection.member_id)
        self.node.limits.check_address(MESSAGES_BY_ADDRESS, connection.address)
        reply = partial(_reply, intent, ref, received)
        return self.node.submit(connection, key, intent, reply)


def _rejection(error: ChatError, ref: str | None) -> protocol.CommandRejected:
    if isinstance(error, SessionEnded):
        # Within two seconds the node closes this socket, or it goes on under a new name.
        error = Unavailable("Your session has changed; try again.", retry_ms=1000)
    counters.rejections[error.code] += 1
    return protocol.rejection(error, ref)


def _reply(intent: Operation, ref: str, received: datetime, outcome: Outcome) -> Any:
    match intent, outcome:
        case _, ChatError():
            return _rejection(outcome, ref)
        case Post(client_id=client_id), Accepted(seq, _, uid, _, committed):
            # The room is told right after this reply (chat/realtime/writer.py).
            trace = protocol.Trace(received, committed, published=datetime.now(UTC))
            return protocol.MessageAccepted(ref, client_id, seq, uid, trace)
        case _, Accepted(seq, updated_seq):
            return protocol.ChangeAccepted(ref, seq, updated_seq)
