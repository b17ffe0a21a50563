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
from ..models import NodeBeat
from ..services import at_once, glances, log, nodes, reading, unread
from ..services.outages import described, is_outage
from ..tally import counted
from .conduct import Conduct
from .connection import Connection
from .desk import Desk
from .express import Express
from .hub import Hub
from .limits import LIMITS
from .lookout import Lookout
from .marks import Marks
from .peers import Peers
from .presence import Presence
from .readiness import Readiness
from .rollcall import EVERYONE_SECONDS, RollCall
from .room_access import RoomAccess
from .rooms import Subscription
from .sockets import frame
from .threads import Threads
from .writer import Reply, Writer

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
        self.threads = Threads()
        self.limits = LIMITS
        self.express = Express(self.threads, [at_once.POST, glances.HEADS, glances.NUMBERS])
        self.lookout = Lookout(self.threads, self.express)
        self.writer = Writer(self.threads, self.express)
        self.hub = Hub(self.threads, self.lookout)
        self.presence = Presence(self.id, self.hub)
        self.rollcall = RollCall(self.threads, self.presence)
        self.conduct = Conduct(self.threads, self.lookout, self.hub, self.rollcall)
        self.desk = Desk(self.threads, self.limits)
        self.access = RoomAccess(self.threads, self.hub, self.leave)
        self.hub.on_changed = self._rooms_changed
        self.conduct.on_read = self._rooms_changed
        self.marks = Marks(self.threads)
        self.readiness = Readiness(self.threads)
        self.peers = Peers(self.threads, self._beat)
        self._tasks: list[asyncio.Task[None]] = []
        self._started_at = timezone.now()
        # The last message in each listed room, read once a period for all connections.
        self._said: dict[str, int] = {}

    def start(self) -> None:
        listeners = self._heard, self.conduct.heard, self.hub.heard
        self.bus = bus.Bus(self.id, *listeners, trusts=self.peers.trusts)
        self.peers.start(self.bus.meet)
        self.bus.start()
        bus.attach(self.bus)
        self.hub.start(self.bus)
        self.express.open()
        self.readiness.start()
        self.conduct.hint()
        # Clocks of their own: a database that does not answer must not stop the hearts, nor a
        # long roll call the peace.
        for duty in (self._keep_up_appearances, self._keep_books, self._keep_the_peace):
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
        self.express.close()
        await self.bus.stop()
        # A thread that waits for a database which is silent must not hold the loop.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self.threads.close), GOOD_BYE_SECONDS)

    async def _say_good_bye(self) -> None:
        with contextlib.suppress(TimeoutError):
            leaving = self.threads.write(nodes.leave, self.id)
            await asyncio.wait_for(leaving, GOOD_BYE_SECONDS)

    # --- Connections --------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        self.rollcall.add(connection)

    def disconnected(self, connection: Connection) -> None:
        connection.closed = True
        self.rollcall.remove(connection)
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
            self.conduct.entered(connection, live)

    def _count_entry(self, subscription: Subscription | None, since: object) -> None:
        if since is not None:
            counted.resumes += 1
            # Whoever is in already and does not ask on has found that something is missing.
            counted.client_gaps += subscription is not None and not subscription.reading

    def leave(self, connection: Connection, key: str) -> None:
        subscription = connection.subscriptions.get(key)
        if subscription is not None:
            self.hub.leave(connection, key)
            self.presence.left(connection, subscription.room)

    # --- What a connection asks ---------------------------------------------------------------

    def submit(
        self, connection: Connection, key: str, intent: log.Intent, reply: Reply
    ) -> Coroutine[Any, Any, None] | None:
        """Have this committed in that room, and write `reply` of what came of it.

        At once where the connection is in the room and nothing has to be asked of the database,
        else by the work that is returned.
        """
        subscription = connection.subscriptions.get(key)
        if subscription is None or self.conduct.is_first_where_slow(
            connection.member_id, subscription.room, intent
        ):
            return self._submit_later(connection, key, intent, reply)
        self.conduct.check(connection.member_id, subscription.room, intent)
        self.presence.said(connection.member_id, subscription.room)
        self.writer.submit(subscription.room.room, intent, connection, reply)
        return None

    async def _submit_later(
        self, connection: Connection, key: str, intent: log.Intent, reply: Reply
    ) -> None:
        live = await self.hub.room(connection.member_id, key)
        await self.conduct.check_network(connection.member_id, live, intent)
        self.conduct.check(connection.member_id, live, intent)
        self.presence.said(connection.member_id, live)
        self.writer.submit(live.room, intent, connection, reply)

    async def load_history(
        self, connection: Connection, key: str, before: int, limit: int, ref: str
    ) -> None:
        live = await self.hub.room(connection.member_id, key)
        messages, more = await self.threads.read(reading.history_encoded, live.room, before, limit)
        connection.write(protocol.HistoryPage(ref, key, messages, more))

    def start_typing(self, connection: Connection, key: str) -> None:
        subscription = connection.subscriptions.get(key)
        if subscription and not self.conduct.is_silent(connection.member_id, subscription.room):
            self.presence.typed(connection, subscription.room)

    def mark_read(self, connection: Connection, key: str, seq: int) -> None:
        if subscription := connection.subscriptions.get(key):
            live = subscription.room
            self.marks.set(connection.member_id, live.room.pk, min(seq, live.head))

    # --- Hints and time -----------------------------------------------------------------------

    def _heard(self, hint: bus.Hint) -> None:
        """About members; what is about the log or rulings, others hear themselves."""
        match hint:
            case bus.MemberChanged(member_id):
                self.rollcall.doubt(member_id)
            case bus.Here():
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

    async def _keep_up_appearances(self, seconds: int) -> None:
        """What needs no database."""
        self.presence.tick()
        self._beat_hearts(seconds)
        self._cut_off_stalled()
        self.express.watch()
        if seconds % EVERYONE_SECONDS == 0:
            self.limits.forget_full()

    async def _keep_books(self, seconds: int) -> None:
        """What does."""
        await self._guarded(self.rollcall.call_doubted())
        await self._guarded(self.rollcall.note_seen())
        await self._guarded(self.marks.save())
        # Asked again each second where it failed, so that it is soon known to work again.
        if seconds % nodes.BEAT_SECONDS == 1 or self.readiness.unwritable:
            await self._guarded(self._beat())
        if seconds % EVERYONE_SECONDS == 0:
            await self._guarded(self.rollcall.call_everyone())
        if seconds % protocol.HEARTBEAT_SECONDS == 1 and self.rollcall.connections:
            await self._guarded(self._look_what_was_said())

    async def _beat(self) -> None:
        """Say that this node is there; whether that could be written is news too."""
        try:
            await self.threads.write(nodes.beat, self._account())
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
        if self.rollcall.connections:
            await self._look_what_was_said()

    async def _look_what_was_said(self) -> None:
        self._said = await self.threads.read(unread.last_said)

    def _account(self) -> NodeBeat:
        """What there is to say of this node, for operators."""
        return NodeBeat(
            node=self.id,
            started_at=self._started_at,
            connections=len(self.rollcall.connections),
            members=self.rollcall.members,
            rooms=len(self.hub.rooms),
            head_lag=self.hub.lag(),
            degraded=self.hub.degraded,
        )

    async def _keep_the_peace(self, seconds: int) -> None:
        """See to it that rulings are obeyed here of which no hint came."""
        await (self.conduct.look() if seconds % EVERYONE_SECONDS else self.conduct.read())

    def _beat_hearts(self, seconds: int) -> None:
        """Tell each connection once in a period how far its rooms have come, a part each second."""
        turn = seconds % protocol.HEARTBEAT_SECONDS
        for connection in list(self.rollcall.connections):
            if (
                connection.number % protocol.HEARTBEAT_SECONDS == turn
                and connection.socket.writable
            ):
                heads = self.hub.heads(connection)
                connection.socket.write(frame(protocol.Heartbeat(heads, self._said)))

    def _cut_off_stalled(self) -> None:
        now = time.monotonic()
        for connection in list(self.rollcall.connections):
            socket = connection.socket
            if not socket.writable and now - socket.unwritable_since > STALLED_SECONDS:
                counted.slow_cutoffs += 1
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
