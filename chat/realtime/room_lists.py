"""Room lists: each connection is told the rooms of its list after `hello`, and what changes there.

Many lists are read together: by one read for all connections that came while the last one was under
way, as sessions are checked.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from msgspec.json import encode

from .. import bus, protocol
from ..errors import Unavailable
from ..rooms import room_list
from ..rooms.room_list import Lists, Marker
from ..scheduler import Scheduler
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .head_poller import HeadPoller
from .hub import Hub
from .read_markers import ReadMarkers
from .room_activity import ActivityFeed, Follower

# One frame should stay below protocol.SERVER_FRAME_MAX.
FRAME_BYTES = 56 * 1024
# A poll looks back so far: a commit may be slow, and the clocks of nodes differ.
LOOK_BACK = timedelta(seconds=20)

# A member and a room.
Pair = tuple[int, int]


class RoomLists:
    """The room lists of one node."""

    def __init__(
        self,
        node: str,
        executors: DatabaseExecutors,
        head_poller: HeadPoller,
        scheduler: Scheduler,
        hub: Hub,
        registry: ConnectionRegistry,
        read_markers: ReadMarkers,
    ) -> None:
        self.activity = ActivityFeed()
        self._node = node
        self._executors = executors
        self._head_poller = head_poller
        self._scheduler = scheduler
        self._hub = hub
        self._registry = registry
        # Connections that have not been told their list.
        self._arrived: list[Connection] = []
        self._reading = False
        # By member: the read markers of the rooms in the list.
        self._markers: dict[int, dict[int, Marker]] = {}
        read_markers.on_saved = self._saved

    def introduce(self, connection: Connection) -> None:
        """Tell this connection its list soon, and from then on what changes in it."""
        self._arrived.append(connection)
        self._read_soon()

    def forget(self, connection: Connection) -> None:
        self.activity.unfollow(connection)
        if not self._registry.of(connection.member_id):
            self._markers.pop(connection.member_id, None)

    # --- The list -----------------------------------------------------------------------------

    def _read_soon(self) -> None:
        if self._arrived and not self._reading:
            self._reading = True
            self._scheduler.run(self._read())

    async def _read(self) -> None:
        try:
            while self._arrived:
                arrived = [one for one in self._arrived if not one.closed]
                # Whose session is not confirmed yet is told nothing.
                self._arrived = [one for one in arrived if not one.is_checked]
                if len(self._arrived) == len(arrived):
                    return
                await self._read_for([one for one in arrived if one.is_checked])
        except Unavailable:
            pass  # the next second's look tries again
        finally:
            self._reading = False

    async def _read_for(self, arrived: list[Connection]) -> None:
        members = {one.member_id for one in arrived if not one.is_visitor}
        try:
            lists = await self._executors.read(room_list.load, members)
        except Unavailable:
            self._arrived = arrived + self._arrived
            raise
        self.activity.list_for_everyone({room.id: room.key for room in lists.public})
        for room in lists.public:
            self.activity.known(room.id, room.head, room.posted)
        for connection in arrived:
            if not connection.closed:
                self._tell(connection, lists)

    def _tell(self, connection: Connection, lists: Lists) -> None:
        markers: dict[int, Marker] = {}
        if not connection.is_visitor:
            markers = lists.markers[connection.member_id]
            markers = self._markers.setdefault(connection.member_id, markers)
        for event in _frames(lists, markers, is_visitor=connection.is_visitor):
            connection.write(event)
        follower = Follower(connection, markers)
        self.activity.follow(follower, {})
        self.activity.catch_up(follower, {room.id: room.head for room in lists.public})

    # --- Each second --------------------------------------------------------------------------

    async def look(self, seconds: int) -> None:
        """Find what no hint told of: activity, and markers that other nodes have moved."""
        self._read_soon()
        if not self.activity.followers:
            return
        for room_id, head, posted in await self._head_poller.recent_ends(LOOK_BACK):
            self.activity.note(room_id, head, posted)
        if self._hub.degraded:
            since, members = timezone.now() - LOOK_BACK, list(self._markers)
            moved = await self._executors.read(room_list.markers_moved_since, since, members)
            await self._tell_markers(moved)

    # --- Read markers -------------------------------------------------------------------------

    def _saved(self, pairs: list[Pair]) -> None:
        """Markers that were moved here are stored: tell the other devices, here and elsewhere."""
        bus.publish_from_loop(bus.ReadMarksMoved(self._node, pairs))
        self._scheduler.run(self._tell_markers(pairs, by_us=True))

    def on_message(self, hint: bus.BusMessage) -> None:
        self.activity.on_message(hint)
        if isinstance(hint, bus.ReadMarksMoved) and hint.node != self._node:
            self._scheduler.run(self._tell_markers(hint.marks))

    async def _tell_markers(self, pairs: list[Pair], *, by_us: bool = False) -> None:
        """Tell the members among these who are here. One with a single device moved it there."""
        here = [(member, room) for member, room in pairs if member in self._markers]
        if not here:
            return
        for (member_id, room_id), marker in (
            await self._executors.read(room_list.markers, here)
        ).items():
            markers = self._markers.get(member_id)
            known = markers.get(room_id) if markers is not None else None
            if markers is None or (known is not None and known.seq >= marker.seq):
                continue
            markers[room_id] = marker
            connections = self._registry.of(member_id)
            if len(connections) > 1 or not by_us:
                self._tell_marker(connections, room_id, marker)

    def _tell_marker(self, connections: list[Connection], room_id: int, marker: Marker) -> None:
        for connection in connections:
            follower = self.activity.followers.get(connection)
            key = self.activity.key_for(follower, room_id) if follower else None
            if follower and key:
                count = self.activity.unread(follower, room_id)
                connection.write(protocol.RoomUpdated(room=key, read=marker.seq, unread=count))


def _frames(
    lists: Lists, markers: dict[int, Marker], *, is_visitor: bool
) -> Iterator[protocol.RoomsState]:
    """The list in as many frames as it takes."""
    entries: list[protocol.RoomEntry] = []
    size = 0
    for room in lists.public:
        entry = room_list.entry(room, markers.get(room.id), is_visitor=is_visitor)
        size += len(encode(entry))
        if entries and size > FRAME_BYTES:
            yield protocol.RoomsState(entries, more=True)
            entries, size = [], len(encode(entry))
        entries.append(entry)
    yield protocol.RoomsState(entries)
