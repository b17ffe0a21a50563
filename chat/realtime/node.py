"""A node: one process, with its hub, writer, presence and bus, and the clock that drives them."""

import asyncio
import contextlib
import contextvars
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from .. import bus, protocol
from ..errors import Forbidden, Unavailable
from ..maintenance import node_status
from ..maintenance.models import NodeBeat
from ..messages import commit, history, single_statement_commit, unread
from ..metrics import counters
from ..moderation import poll_statements
from ..outages import described, is_outage
from .connection import Connection
from .connection_registry import CHECK_ALL_SECONDS, ConnectionRegistry
from .database_executors import DatabaseExecutors
from .head_poller import HeadPoller
from .hub import Hub
from .loop_connection import LoopConnection
from .moderation_handler import ModerationHandler
from .peer_nodes import Peers
from .permission_cache import PermissionCache
from .presence import Presence
from .rate_limits import LIMITS
from .read_markers import ReadMarkers
from .readiness import Readiness
from .room_access import RoomAccess
from .room_stream import Subscription
from .sockets import frame
from .writer import Reply, RoomWriter

logger = logging.getLogger(__name__)

# A socket that takes nothing for so long is cut off; it resumes later.
STALLED_SECONDS = 20
# What a node that stops would still tell the database may take so long, each.
GOOD_BYE_SECONDS = 3


class Node:
    """Everything live in this process. Made on the event loop, once (see `current`)."""

    def __init__(self) -> None:
        self.name = settings.NODE_NAME
        # Two processes may bear one name; what they say of themselves must not mix.
        self.id = f"{self.name}.{secrets.token_hex(4)}"
        self.executors = DatabaseExecutors()
        self.limits = LIMITS
        self.loop_connection = LoopConnection(
            self.executors,
            [single_statement_commit.POST, poll_statements.HEADS, poll_statements.NUMBERS],
        )
        self.head_poller = HeadPoller(self.executors, self.loop_connection)
        self.writer = RoomWriter(self.executors, self.loop_connection)
        self.hub = Hub(self.executors, self.head_poller)
        self.presence = Presence(self.id, self.hub)
        self.registry = ConnectionRegistry(self.executors, self.presence)
        self.permissions = PermissionCache(
            self.executors, self.head_poller, self.hub, self.registry
        )
        self.desk = ModerationHandler(self.executors, self.limits)
        self.access = RoomAccess(self.executors, self.hub, self.leave)
        self.hub.on_changed = self._rooms_changed
        self.permissions.on_read = self._rooms_changed
        self.marks = ReadMarkers(self.executors)
        self.readiness = Readiness(self.executors)
        self.peers = Peers(self.executors, self._beat)
        self._tasks: list[asyncio.Task[None]] = []
        self._started_at = timezone.now()
        # The last message in each listed room, read once a period for all connections.
        self._said: dict[str, int] = {}

    def start(self) -> None:
        listeners = self._heard, self.permissions.heard, self.hub.heard
        self.bus = bus.Bus(self.id, *listeners, trusts=self.peers.trusts)
        self.peers.start(self.bus.meet)
        self.bus.start()
        bus.attach(self.bus)
        self.hub.start(self.bus)
        self.loop_connection.open()
        self.readiness.start()
        self.permissions.hint()
        # Clocks of their own: a database that does not answer must not stop the hearts, nor a
        # long roll call the peace.
        for duty in (self._tick_local, self._tick_database, self._refresh_permissions):
            # A fresh context: a task made inside a request would keep its thread executor.
            task = asyncio.get_running_loop().create_task(
                self._every_second(duty), context=contextvars.Context()
            )
            self._tasks.append(task)

    async def stop(self) -> None:
        """Answer what was submitted, publish what was committed, and let go of everything."""
        await self.writer.finish()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.readiness.stop()
        self.peers.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._guarded(self.marks.save()), GOOD_BYE_SECONDS)
        await self._guarded(self._say_good_bye())
        bus.attach(None)
        await self.hub.stop()
        self.loop_connection.close()
        await self.bus.stop()
        # A thread that waits for a database which is silent must not hold the loop.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self.executors.close), GOOD_BYE_SECONDS)

    async def _say_good_bye(self) -> None:
        with contextlib.suppress(TimeoutError):
            leaving = self.executors.write(node_status.leave, self.id)
            await asyncio.wait_for(leaving, GOOD_BYE_SECONDS)

    # --- Connections --------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        self.registry.add(connection)

    def disconnected(self, connection: Connection) -> None:
        connection.closed = True
        self.registry.remove(connection)
        for key in list(connection.subscriptions):
            self.leave(connection, key)

    async def enter(
        self, connection: Connection, key: str, since: protocol.Position | None, ref: str
    ) -> None:
        if (
            key not in connection.subscriptions
            and len(connection.subscriptions) >= settings.ROOMS_PER_CONNECTION
        ):
            raise Forbidden(f"One tab may be in {settings.ROOMS_PER_CONNECTION} rooms.")
        self._count_entry(connection.subscriptions.get(key), since)
        live = await self.hub.enter(connection, key, since, ref)
        if not connection.closed:
            self.presence.entered(connection, live)
            self.permissions.entered(connection, live)

    def _count_entry(self, subscription: Subscription | None, since: object) -> None:
        if since is not None:
            counters.resumes += 1
            # Whoever is in already and does not ask on has found that something is missing.
            counters.client_gaps += subscription is not None and not subscription.reading

    def leave(self, connection: Connection, key: str) -> None:
        subscription = connection.subscriptions.get(key)
        if subscription is not None:
            self.hub.leave(connection, key)
            self.presence.left(connection, subscription.room)

    # --- What a connection asks ---------------------------------------------------------------

    def submit(
        self, connection: Connection, key: str, intent: commit.Operation, reply: Reply
    ) -> Coroutine[Any, Any, None] | None:
        """Have this committed in that room, and write `reply` of what came of it.

        At once where the connection is in the room and nothing has to be asked of the database,
        else by the work that is returned.
        """
        subscription = connection.subscriptions.get(key)
        if subscription is None or self.permissions.is_first_where_slow(
            connection.member_id, subscription.room, intent
        ):
            return self._submit_later(connection, key, intent, reply)
        self.permissions.check(connection.member_id, subscription.room, intent)
        self.presence.said(connection.member_id, subscription.room)
        self.writer.submit(subscription.room.room, intent, connection, reply)
        return None

    async def _submit_later(
        self, connection: Connection, key: str, intent: commit.Operation, reply: Reply
    ) -> None:
        live = await self.hub.room(connection.member_id, key)
        await self.permissions.check_network(connection.member_id, live, intent)
        self.permissions.check(connection.member_id, live, intent)
        self.presence.said(connection.member_id, live)
        self.writer.submit(live.room, intent, connection, reply)

    async def load_history(
        self, connection: Connection, key: str, before: int, limit: int, ref: str
    ) -> None:
        live = await self.hub.room(connection.member_id, key)
        messages, more = await self.executors.read(
            history.older_messages_encoded, live.room, before, limit
        )
        connection.write(protocol.HistoryPage(ref, key, messages, more))

    def start_typing(self, connection: Connection, key: str) -> None:
        subscription = connection.subscriptions.get(key)
        if subscription and not self.permissions.is_silent(connection.member_id, subscription.room):
            self.presence.typed(connection, subscription.room)

    def mark_read(self, connection: Connection, key: str, seq: int) -> None:
        if subscription := connection.subscriptions.get(key):
            live = subscription.room
            self.marks.set(connection.member_id, live.room.pk, min(seq, live.head))

    # --- Hints and time -----------------------------------------------------------------------

    def _heard(self, hint: bus.BusMessage) -> None:
        """About members; what is about the log or rulings, others hear themselves."""
        match hint:
            case bus.MemberChanged(member_id):
                self.registry.doubt(member_id)
            case bus.NodeAlive():
                self.presence.met()
                self.peers.introduce()
            case bus.Roster() | bus.RosterWanted() | bus.Typed():
                self.presence.heard(hint)

    async def _every_second(self, duty: Callable[[int], Awaitable[None]]) -> None:
        seconds = 0
        while True:
            await asyncio.sleep(1)
            seconds += 1
            await self._guarded(duty(seconds))

    async def _guarded(self, duty: Awaitable[None]) -> None:
        """One failure must not stop the clock."""
        try:
            await duty
        except Exception as error:
            is_known = isinstance(error, Unavailable) or is_outage(error)
            told = str(error).partition("\n")[0]
            logger.warning("Put off: %s", told, exc_info=not is_known)

    async def _tick_local(self, seconds: int) -> None:
        """What needs no database."""
        self.presence.tick()
        self._send_heartbeats(seconds)
        self._close_stalled()
        self.loop_connection.watch()
        if seconds % CHECK_ALL_SECONDS == 0:
            self.limits.forget_full()

    async def _tick_database(self, seconds: int) -> None:
        """What does."""
        await self._guarded(self.registry.call_doubted())
        await self._guarded(self.registry.note_seen())
        await self._guarded(self.marks.save())
        # Asked again each second where it failed, so that it is soon known to work again.
        if seconds % node_status.BEAT_SECONDS == 1 or self.readiness.unwritable:
            await self._guarded(self._beat())
        if seconds % CHECK_ALL_SECONDS == 0:
            await self._guarded(self.registry.check_everyone())
        if seconds % protocol.HEARTBEAT_SECONDS == 1 and self.registry.connections:
            await self._guarded(self._read_last_said())

    async def _beat(self) -> None:
        """Say that this node is there; whether that could be written is news too."""
        try:
            await self.executors.write(node_status.beat, self._node_status())
        except (DatabaseError, InterfaceError) as error:
            if not self.readiness.unwritable:
                logger.warning("Nothing can be written: %s.", described(error))
            self.readiness.unwritable = described(error)
        else:
            if self.readiness.unwritable:
                logger.warning("The database takes writes again.")
            self.readiness.unwritable = ""

    async def _rooms_changed(self, room_ids: list[int] | None = None) -> None:
        """Keep these rooms, or all, to those who may see them now; so too what is told of them."""
        await self.access.refresh(list(self.hub.rooms) if room_ids is None else room_ids)
        if self.registry.connections:
            await self._read_last_said()

    async def _read_last_said(self) -> None:
        self._said = await self.executors.read(unread.last_messages)

    def _node_status(self) -> NodeBeat:
        """What there is to say of this node, for operators."""
        return NodeBeat(
            node=self.id,
            started_at=self._started_at,
            connections=len(self.registry.connections),
            members=self.registry.members,
            rooms=len(self.hub.rooms),
            head_lag=self.hub.lag(),
            degraded=self.hub.degraded,
        )

    async def _refresh_permissions(self, seconds: int) -> None:
        """See to it that rulings are obeyed here of which no hint came."""
        await (self.permissions.look() if seconds % CHECK_ALL_SECONDS else self.permissions.read())

    def _send_heartbeats(self, seconds: int) -> None:
        """Tell each connection once in a period how far its rooms have come, a part each second."""
        turn = seconds % protocol.HEARTBEAT_SECONDS
        for connection in list(self.registry.connections):
            if (
                connection.number % protocol.HEARTBEAT_SECONDS == turn
                and connection.socket.writable
            ):
                heads = self.hub.heads(connection)
                connection.socket.write(frame(protocol.Heartbeat(heads, self._said)))

    def _close_stalled(self) -> None:
        now = time.monotonic()
        for connection in list(self.registry.connections):
            socket = connection.socket
            if not socket.writable and now - socket.unwritable_since > STALLED_SECONDS:
                counters.slow_cutoffs += 1
                connection.close(protocol.CLOSE_SLOW, "You did not take what was sent.")


_node: Node | None = None


def current() -> Node:
    """The node of this process; started on first use if the server has not done so.

    A process has one in its life: whoever asks while it stops, a probe on a connection that is
    still open or Prometheus, gets the one that stops.
    """
    global _node
    if _node is None:
        node = Node()
        node.start()
        _node = node
    return _node


async def stop_current() -> None:
    if _node is not None:
        await _node.stop()
