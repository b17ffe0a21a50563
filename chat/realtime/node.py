"""A node: one process with everything live in it, and the duties that repeat each second."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from .. import bus, protocol
from ..accounts import site_settings
from ..accounts.last_seen import LAST_SEEN
from ..maintenance import node_status
from ..maintenance.models import NodeBeat
from ..messages.single_statement_commit import POST
from ..moderation import poll_statements
from ..outages import described
from ..scheduler import Scheduler
from .committer import Committer
from .connection import Connection
from .connection_registry import CHECK_ALL_SECONDS, ConnectionRegistry
from .database_executors import DatabaseExecutors
from .faces import Faces
from .head_poller import HeadPoller
from .heartbeats import Heartbeats
from .hub import Hub
from .joined_roles import JoinedRoles
from .list_changes import ListChanges
from .list_reader import LOOK_BACK, ListReader
from .loop_connections import LoopConnections
from .marker_updates import MarkerUpdates
from .member_task_runner import LOOK_SECONDS, MemberTaskRunner
from .moderation_handler import ModerationHandler
from .peer_nodes import Peers
from .people_finder import PeopleFinder
from .people_here import PeopleHere
from .permission_cache import PermissionCache
from .presence import Presence
from .rate_limits import LIMITS
from .read_markers import ReadMarkers
from .readiness import Readiness
from .room_access import RoomAccess
from .room_entry import EntryHandler
from .room_handler import RoomHandler
from .room_staff import RoomStaff
from .site_news import SiteNews
from .slow_consumers import close_slow_consumers
from .writer import RoomWriter

logger = logging.getLogger(__name__)

# While hints come, markers are looked for this often.
MARKERS_SECONDS = 10
# Each of the last writes of a node that stops may take so long.
GOOD_BYE_SECONDS = 3


class Node:
    """Everything live in this process. Made on the event loop, once (see `current`)."""

    def __init__(self) -> None:
        self.name = settings.NODE_NAME
        # Two processes may have one name; what they say of themselves must not mix.
        self.id = f"{self.name}.{secrets.token_hex(4)}"
        self.scheduler = Scheduler()
        self.executors = DatabaseExecutors()
        self.limits = LIMITS
        self.loop_connections = LoopConnections(self.scheduler, [POST, *poll_statements.ALL])
        self.head_poller = HeadPoller(self.executors, self.loop_connections)
        self.writer = RoomWriter(Committer(self.executors, self.loop_connections))
        self.hub = Hub(self.executors, self.head_poller, self.scheduler)
        self.entry = EntryHandler(self.executors, self.hub)
        self.staff = RoomStaff(
            self.executors, self.scheduler, self.hub, lambda one: self.permissions.role_of(one)
        )
        self.presence = Presence(self.id, self.hub, self.staff.role_name)
        self.staff.on_changed = self._staff_changed
        self.registry = ConnectionRegistry(self.executors, self.presence)
        self.faces = Faces(self.executors, self.scheduler, self.registry)
        self.room_lists = ListReader(
            self.executors, self.head_poller, self.scheduler, self.registry
        )
        self.permissions = PermissionCache(
            self.executors,
            self.head_poller,
            self.scheduler,
            self.hub,
            self.registry,
            JoinedRoles(self.room_lists),
        )
        self.room_lists.on_told = self.permissions.tell_reports
        self.people = PeopleFinder(
            self.id, self.hub, self.presence, self.scheduler, self.staff.role_name
        )
        self.permissions.read_site = SiteNews(self.executors, self.registry).follow
        self.moderation = ModerationHandler(self.executors, self.limits)
        self.room_handler = RoomHandler(self.executors, self.limits, self.scheduler)
        self.access = RoomAccess(self.executors, self.hub, self.leave)
        self.hub.on_changed = self._rooms_changed
        self.permissions.on_read = self._permissions_read
        self.people_here = PeopleHere(self.id, self.registry)
        self.heartbeats = Heartbeats(self.executors, self.registry, self.hub, self.people_here)
        self.list_changes = ListChanges(self.executors, self.hub, self.registry, self.room_lists)
        self.list_changes.on_access = self._access_changed
        self.permissions.on_access = self.list_changes.follow
        self.marker_updates = MarkerUpdates(
            self.id, self.executors, self.scheduler, self.registry, self.room_lists
        )
        self.read_markers = ReadMarkers(self.executors, self.marker_updates.saved)
        self.readiness = Readiness(self.executors)
        self.member_tasks = MemberTaskRunner(self.id, self.executors)
        self.peers = Peers(self.executors, self.scheduler, self._write_beat)
        self._started_at = timezone.now()

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        listeners = (
            self._on_message,
            self.permissions.on_message,
            self.hub.on_message,
            self.room_lists.activity.on_message,
            self.marker_updates.on_message,
            self.room_lists.inboxes.on_message,
            self.people_here.on_message,
        )
        self.bus = bus.Bus(self.id, *listeners, trusts=self.peers.trusts)
        self.peers.start(self.bus.meet)
        self.bus.start()
        bus.attach(self.bus)
        self.hub.start(self.bus)
        self.loop_connections.open()
        self.readiness.start(self.scheduler)
        self.permissions.hint()
        LAST_SEEN.is_saved_by_node = True
        # Apart from each other: a database that does not answer must not hold up the heartbeats,
        # nor a long check of sessions the bans.
        duties = self.tick_local, self.tick_database, self.refresh_permissions, self.look_at_lists
        for duty in duties:
            self.scheduler.every(1, duty)
        self.scheduler.every(LOOK_SECONDS, self.member_tasks.look)

    async def stop(self) -> None:
        """Answer what was submitted, publish what was committed, and let go of everything."""
        self.member_tasks.stop()
        await self.writer.finish()
        await self.loop_connections.close()
        await self.scheduler.stop()
        site_settings.forget()
        LAST_SEEN.is_saved_by_node = False
        self.peers.stop()
        await self._within_seconds(self.read_markers.save())
        await self._within_seconds(self.executors.write(node_status.leave, self.id))
        bus.attach(None)
        await self.bus.stop()
        # A thread that waits for a database which is silent must not hold the loop.
        await self._within_seconds(asyncio.to_thread(self.executors.close))

    async def _within_seconds(self, work: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.scheduler.guarded(work), GOOD_BYE_SECONDS)

    # --- Connections --------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        self.registry.add(connection)

    def disconnected(self, connection: Connection) -> None:
        connection.closed = True
        self.registry.remove(connection)
        self.room_lists.forget(connection)
        for key in list(connection.subscriptions):
            self.leave(connection, key)

    def leave(self, connection: Connection, key: str) -> None:
        if (subscription := connection.subscriptions.get(key)) is not None:
            self.hub.leave(connection, key)
            self.presence.left(connection, subscription.room)

    # --- What the bus tells -------------------------------------------------------------------

    def _on_message(self, hint: bus.BusMessage) -> None:
        """A hint about members or nodes; the others go to the hub and the permission cache."""
        match hint:
            case bus.MemberChanged(member_id):
                self.registry.doubt(member_id)
            case bus.NodeAlive():
                self.presence.met()
                self.peers.introduce()
            case bus.Roster() | bus.RosterWanted() | bus.Typed():
                self.presence.on_message(hint)
            case bus.PeopleWanted() | bus.PeopleFound():
                self.people.on_message(hint)

    # --- Each second --------------------------------------------------------------------------

    async def tick_local(self, seconds: int) -> None:
        """What needs no database."""
        self.presence.tick()
        self.heartbeats.send(seconds)
        close_slow_consumers(self.registry.connections)
        self.loop_connections.watch()
        if seconds % CHECK_ALL_SECONDS == 0:
            self.limits.forget_full()

    async def tick_database(self, seconds: int) -> None:
        """What writes to the database or reads from it. One failure does not stop the others."""
        guarded = self.scheduler.guarded
        await guarded(self.registry.call_doubted())
        await guarded(self.faces.tick())
        await guarded(self.registry.note_seen())
        if LAST_SEEN.is_waiting:
            await guarded(self.executors.write(LAST_SEEN.save))
        await guarded(self.read_markers.save())
        # Tried again each second after it failed, so that it is soon known to work again.
        if seconds % node_status.BEAT_SECONDS == 1 or self.readiness.unwritable:
            await guarded(self._write_beat())
        if seconds % CHECK_ALL_SECONDS == 0:
            await guarded(self.registry.check_everyone())
        if seconds % protocol.HEARTBEAT_SECONDS == 1:
            await guarded(self.heartbeats.read_last_messages())

    async def refresh_permissions(self, seconds: int) -> None:
        """Find the bans, mutes, roles and rules of which no hint came."""
        await self.permissions.look(everything=seconds % CHECK_ALL_SECONDS == 0)

    async def look_at_lists(self, seconds: int) -> None:
        """Find what no hint told room lists."""
        await self.room_lists.look()
        await self.room_lists.inboxes.look(LOOK_BACK)
        # A lost hint about a marker does little harm, and markers are many.
        if self.hub.degraded or seconds % MARKERS_SECONDS == 0:
            await self.marker_updates.look()

    async def _write_beat(self) -> None:
        """Note that this node is alive. Whether that can be written is noted, too."""
        try:
            await self.executors.write(node_status.beat, self.node_status())
        except (DatabaseError, InterfaceError) as error:
            if not self.readiness.unwritable:
                logger.warning("Nothing can be written: %s.", described(error))
            self.readiness.unwritable = described(error)
        else:
            if self.readiness.unwritable:
                logger.warning("The database takes writes again.")
            self.readiness.unwritable = ""

    def node_status(self) -> NodeBeat:
        """What operators read of this node."""
        return NodeBeat(
            node=self.id,
            started_at=self._started_at,
            connections=len(self.registry.connections),
            members=self.registry.members,
            rooms=len(self.hub.rooms),
            head_lag=self.hub.lag(),
            degraded=self.hub.degraded,
        )

    async def _permissions_read(self) -> None:
        self.presence.roles_changed()
        await self._rooms_changed(await self.access.outdated())

    async def _rooms_changed(self, room_ids: list[int]) -> None:
        """These rooms may be for others now: end the subscriptions that do not fit."""
        if room_ids:
            await self.list_changes.look_at(room_ids)
        await self.heartbeats.read_last_messages()

    async def _access_changed(self, room_ids: list[int]) -> None:
        await self.access.refresh(room_ids)
        await self.staff.refresh(room_ids)

    def _staff_changed(self, room_id: int, member_ids: set[int]) -> None:
        self.presence.roles_changed_in(room_id)
        self.permissions.staff_changed(room_id, member_ids)


_node: Node | None = None


def current() -> Node:
    """The node of this process; started on first use if the server has not done so.

    A process has one node in its life. A request that comes while it stops, such as a probe on an
    open connection, gets the one that stops.
    """
    global _node
    if _node is None:
        node = Node()
        node.start()
        _node = node
    return _node


def running() -> Node | None:
    """The node of this process, if it was started."""
    return _node


async def stop_current() -> None:
    if _node is not None:
        await _node.stop()
