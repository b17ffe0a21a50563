"""Read markers between the devices of a member: what is read on one is read on the others.

The node that stored a marker tells the others which markers moved, in one message; each reads those
of its own members. While Redis is away, each asks which have moved.
"""

import time

from django.utils import timezone

from .. import bus, protocol
from ..rooms import room_list
from ..rooms.room_list import Marker
from ..scheduler import Scheduler
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .list_reader import LOOK_BACK, ListReader

# Longer than a marker waits to be stored and told.
NEW_SECONDS = 5
# A member and a room.
Pair = tuple[int, int]


class MarkerUpdates:
    """Tells the connections of one node which markers have moved."""

    def __init__(
        self,
        node: str,
        executors: DatabaseExecutors,
        scheduler: Scheduler,
        registry: ConnectionRegistry,
        lists: ListReader,
    ) -> None:
        self._node = node
        self._executors = executors
        self._scheduler = scheduler
        self._registry = registry
        self._lists = lists

    def saved(self, pairs: list[Pair]) -> None:
        """Markers that were moved here are stored: tell the other devices, here and elsewhere."""
        bus.publish_from_loop(bus.ReadMarksMoved(self._node, pairs))
        self._scheduler.run(self._tell(pairs, by_us=True))

    def on_message(self, hint: bus.BusMessage) -> None:
        if isinstance(hint, bus.ReadMarksMoved) and hint.node != self._node:
            self._scheduler.run(self._tell(hint.marks))

    async def look(self) -> None:
        """Find the markers that other nodes have moved lately."""
        if members := list(self._lists.markers_of):
            since = timezone.now() - LOOK_BACK
            await self._tell(
                await self._executors.read(room_list.markers_moved_since, since, members)
            )

    async def _tell(self, pairs: list[Pair], *, by_us: bool = False) -> None:
        """Tell the members among these who are here.

        One with a single device moved it there, unless that is new: a page that was loaded anew
        has read its list before this was stored.
        """
        here = [(member, room) for member, room in pairs if member in self._lists.markers_of]
        if not here:
            return
        found = await self._executors.read(room_list.markers, here)
        for (member_id, room_id), marker in found.items():
            markers = self._lists.markers_of.get(member_id)
            known = markers.get(room_id) if markers is not None else None
            if markers is None or (known is not None and known.seq >= marker.seq):
                continue
            markers[room_id] = marker
            concerned = self._lists.inboxes.marker_moved(member_id, room_id, known)
            connections = self._registry.of(member_id)
            is_news = len(connections) > 1 or not by_us or any(map(self._is_new, connections))
            if is_news or concerned:
                self._tell_marker(connections, room_id, marker)

    def _is_new(self, connection: Connection) -> bool:
        follower = self._lists.activity.followers.get(connection)
        return follower is not None and time.monotonic() - follower.since < NEW_SECONDS

    def _tell_marker(self, connections: list[Connection], room_id: int, marker: Marker) -> None:
        activity = self._lists.activity
        for connection in connections:
            follower = activity.followers.get(connection)
            key = activity.key_for(follower, room_id) if follower else None
            if follower and key:
                count = activity.unread(follower, room_id)
                mine = connection.member_id
                mentions = self._lists.inboxes.mentions(mine, room_id, marker)
                connection.write(
                    protocol.RoomUpdated(room=key, read=marker.seq, unread=count, mentions=mentions)
                )
