"""Inboxes: what is unread there, in this node's memory, and told to the members who are here.

A commit that adds to inboxes says whose in one hint; a hint may be lost, so each node asks once a
second which have changed. So a room's count of mentions follows within two seconds.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

from django.utils import timezone

from .. import bus, protocol
from ..messages import inbox
from ..messages.inbox import Unread
from ..rooms.room_list import Marker
from ..scheduler import Scheduler
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .room_activity import ActivityFeed

_NOTHING = Unread(0, 0)
_NOT_READ = Marker(0, 0)
# The read markers of a member who is here, by room id.
MarkersOf = Callable[[int], Mapping[int, Marker]]


class InboxUpdates:
    """The inboxes of the members of one node."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        scheduler: Scheduler,
        registry: ConnectionRegistry,
        activity: ActivityFeed,
        markers_of: MarkersOf,
    ) -> None:
        self._executors = executors
        self._scheduler = scheduler
        self._registry = registry
        self._activity = activity
        self._markers_of = markers_of
        # By member who is here: what is unread, and the rooms of which a count was told.
        self._unread: dict[int, Unread] = {}

    async def load(self, member_ids: Collection[int]) -> None:
        """Read the inboxes of members who have just come."""
        found = await self._executors.read(inbox.unread_of, member_ids)
        self._unread |= {one: found.get(one, _NOTHING) for one in member_ids}

    def forget(self, member_id: int) -> None:
        self._unread.pop(member_id, None)

    def tell(self, connection: Connection) -> None:
        """Tell a connection where its inbox stands, if it holds anything."""
        if self._unread.get(connection.member_id, _NOTHING).head:
            connection.write(self._update_for(connection.member_id))

    def has_unread(self, member_id: int) -> bool:
        return bool(self._unread.get(member_id, _NOTHING).seqs)

    def mentions(self, member_id: int, room_id: int, marker: Marker | None) -> int:
        """How many unread items a room has for this member, after their read marker."""
        seqs = self._unread.get(member_id, _NOTHING).seqs.get(room_id, ())
        read = marker.seq if marker else 0
        return sum(seq > read for seq in seqs)

    def marker_moved(self, member_id: int, room_id: int, before: Marker | None) -> bool:
        """The member read on in a room: whether that was news for the inbox, which is then told."""
        seqs = self._unread.get(member_id, _NOTHING).seqs.get(room_id, ())
        read = before.seq if before else 0
        now = self._markers_of(member_id).get(room_id, _NOT_READ).seq
        concerned = any(read < seq <= now for seq in seqs)
        if concerned:
            self._tell(member_id)
        return concerned

    def left(self, member_id: int, key: str) -> None:
        """A room is not there for this member any more: nothing in it is unread."""
        unread = self._unread.get(member_id, _NOTHING)
        gone = {room_id for _, room_id, room, _ in unread.places if room == key}
        if gone:
            unread.places = [place for place in unread.places if place[1] not in gone]
            for room_id in gone:
                del unread.seqs[room_id]
            self._tell(member_id)

    def on_message(self, hint: bus.BusMessage) -> None:
        if isinstance(hint, bus.InboxesChanged):
            here = [one for one in hint.members if one in self._unread]
            if here:
                self._scheduler.run(self._changed(here))

    async def look(self, look_back: timedelta) -> None:
        """Find the inboxes that changed lately without a hint."""
        if not self._unread:
            return
        moved = await self._executors.read(inbox.moved_since, timezone.now() - look_back)
        changed = [
            member_id
            for member_id, state in moved
            if (known := self._unread.get(member_id))
            and (known.head, known.read, known.changes) != state
        ]
        if changed:
            await self._changed(changed)

    async def _changed(self, member_ids: list[int]) -> None:
        found = await self._executors.read(inbox.unread_of, member_ids)
        for member_id in member_ids:
            before, now = self._unread.get(member_id), found.get(member_id, _NOTHING)
            if before is None or before == now:
                continue
            self._unread[member_id] = now
            self._tell(member_id)
            for connection in self._registry.of(member_id):
                self._tell_rooms(connection, before.seqs.keys() | now.seqs.keys())

    def _tell(self, member_id: int) -> None:
        update = self._update_for(member_id)
        for connection in self._registry.of(member_id):
            connection.write(update)

    def _update_for(self, member_id: int) -> protocol.InboxUpdated:
        unread, markers = self._unread.get(member_id, _NOTHING), self._markers_of(member_id)
        waiting = [
            protocol.InboxPlace(number, key, seq)
            for number, room_id, key, seq in unread.places
            if seq > markers.get(room_id, _NOT_READ).seq
        ]
        return protocol.InboxUpdated(unread.head, unread.read, len(waiting), waiting)

    def _tell_rooms(self, connection: Connection, room_ids: Collection[int]) -> None:
        follower = self._activity.followers.get(connection)
        for room_id in room_ids if follower else ():
            key = self._activity.key_for(follower, room_id) if follower else None
            if key and follower:
                marker = follower.markers.get(room_id)
                count = self.mentions(connection.member_id, room_id, marker)
                connection.write(protocol.RoomUpdated(room=key, mentions=count))
