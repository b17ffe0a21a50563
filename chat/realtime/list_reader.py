"""Room lists: each connection is told the rooms of its list after `hello`.

Many lists are read together: by one read for all connections that came while the last one was under
way, as sessions are checked. What changes in them is told by list_changes.py, how far rooms go by
room_activity.py, and what is read on other devices by marker_updates.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from .. import protocol
from ..accounts.change_numbers import Access
from ..errors import Unavailable
from ..rooms import room_list
from ..rooms.room_list import Joined, Lists, Marker, RoomInList
from ..scheduler import Scheduler
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .head_poller import HeadPoller
from .inbox_updates import InboxUpdates
from .room_activity import ActivityFeed, Follower
from .room_list_frames import as_update, list_frames
from .sockets import Frame, frame

# So many lists are read at once.
MEMBERS_AT_ONCE = 500
# The first is read at once; those who come in this time after it are read together.
GATHER_SECONDS = 0.1
# A poll looks back so far: a commit may be slow, and the clocks of nodes differ.
LOOK_BACK = timedelta(seconds=20)

_NOTHING: dict[int, Joined] = {}

# The list of members who have joined and read nothing, and of visitors: made once for all of them.
Shared = dict[bool, Frame]


class ListReader:
    """The room lists of the connections of one node."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        head_poller: HeadPoller,
        scheduler: Scheduler,
        registry: ConnectionRegistry,
    ) -> None:
        self.activity = ActivityFeed()
        self.inboxes = InboxUpdates(
            executors, scheduler, registry, self.activity, lambda one: self.markers_of.get(one, {})
        )
        self.activity.mentions_of = self.inboxes.mentions
        # The rooms in some list, and the ids of those in every list.
        self.rooms: dict[int, RoomInList] = {}
        self.public: list[int] = []
        # By member: what they joined, and the read markers of the rooms in the list.
        self.joined_by: dict[int, dict[int, Joined]] = {}
        self.markers_of: dict[int, dict[int, Marker]] = {}
        # What changed while lists were read: it may be missing in them.
        self.missed: list[Access] = []
        # Called with the members who have been told their lists: their roles in rooms are known.
        self.on_told: Callable[[set[int]], None] = lambda member_ids: None
        self.on_missed: Callable[[list[Access]], Awaitable[None]] | None = None
        self._executors = executors
        self._head_poller = head_poller
        self._scheduler = scheduler
        self._registry = registry
        # Connections that have not been told their list.
        self._arrived: list[Connection] = []
        self._reading = False

    def introduce(self, connection: Connection) -> None:
        """Tell this connection its list soon, and from then on what changes in it."""
        self._arrived.append(connection)
        self._read_soon()

    def forget(self, connection: Connection) -> None:
        self.activity.unfollow(connection)
        if not self._registry.of(connection.member_id):
            self.markers_of.pop(connection.member_id, None)
            self.joined_by.pop(connection.member_id, None)
            self.inboxes.forget(connection.member_id)

    def joined(self, member_id: int, room_id: int) -> Joined | None:
        """What this member, who is here, is in that room, as far as this node knows."""
        return self.joined_by.get(member_id, _NOTHING).get(room_id)

    async def look(self) -> None:
        """Each second: read lists that could not be read, and how far rooms went unheard."""
        self._read_soon()
        if self.activity.followers:
            for room_id, head, posted in await self._head_poller.recent_ends(LOOK_BACK):
                self.activity.note(room_id, head, posted)

    # --- Reading ------------------------------------------------------------------------------

    def _read_soon(self) -> None:
        if self._arrived and not self._reading:
            self._reading = True
            self._scheduler.run(self._read())

    async def _read(self) -> None:
        try:
            while True:
                arrived = [one for one in self._arrived if not one.closed]
                # Whose session is not confirmed yet is told nothing.
                ready = [one for one in arrived if one.is_checked][:MEMBERS_AT_ONCE]
                chosen = set(ready)
                self._arrived = [one for one in arrived if one not in chosen]
                if not ready:
                    return
                await self._read_for(ready)
                await asyncio.sleep(GATHER_SECONDS)
        except Unavailable:
            pass  # the next second's look tries again
        finally:
            self._reading = False

    async def _read_for(self, arrived: list[Connection]) -> None:
        members = {one.member_id for one in arrived if not one.is_visitor}
        self.missed = []
        try:
            lists = await self._executors.read(room_list.load, members)
            await self.inboxes.load(members)
        except Unavailable:
            self._arrived = arrived + self._arrived
            raise
        self._take_public(lists)
        shared = Shared()
        for connection in arrived:
            if not connection.closed:
                self._tell(connection, lists, shared)
        self.on_told(members)
        if self.missed and self.on_missed is not None:
            await self.on_missed(self.missed)

    def _take_public(self, lists: Lists) -> None:
        """The rooms in every list; one that has been in it stays while it is public."""
        kept = [one for one in self.public if one not in lists.public]
        self.rooms |= lists.rooms
        self.set_public([*lists.public, *kept])
        for room in lists.rooms.values():
            self.activity.known(room.id, room.head, room.posted)

    def set_public(self, room_ids: list[int]) -> None:
        """Have these rooms in every list."""
        self.public = room_ids
        self.activity.list_for_everyone(self.keys(room_ids))

    # --- Telling ------------------------------------------------------------------------------

    def _tell(self, connection: Connection, lists: Lists, shared: Shared) -> None:
        member_id = connection.member_id
        joined, markers = _NOTHING, dict[int, Marker]()
        if not connection.is_visitor:
            joined = self.joined_by[member_id] = lists.joined[member_id]
            markers = self.markers_of.setdefault(member_id, lists.markers[member_id])
        rooms = {one: lists.rooms.get(one) or self.rooms[one] for one in [*self.public, *joined]}
        if joined or markers or self.inboxes.has_unread(member_id):
            told = self._frame(connection, rooms, joined, markers)
        else:
            told = shared.get(connection.is_visitor) or self._frame(connection, rooms, {}, {})
            shared[connection.is_visitor] = told
        connection.socket.write(told)
        self.inboxes.tell(connection)
        follower = Follower(connection, markers)
        self.activity.follow(follower, self.keys(joined))
        self.hide(follower, joined)
        self.activity.catch_up(follower, {one: room.head for one, room in rooms.items()})

    def _frame(
        self,
        connection: Connection,
        rooms: dict[int, RoomInList],
        joined: dict[int, Joined],
        markers: dict[int, Marker],
    ) -> Frame:
        entries = [
            room_list.entry(
                room,
                joined.get(one),
                markers.get(one),
                self.inboxes.mentions(connection.member_id, one, markers.get(one)),
                is_visitor=connection.is_visitor,
            )
            for one, room in rooms.items()
            if one not in joined or not joined[one].hidden
        ]
        return Frame.joined([frame(event) for event in list_frames(entries)])

    def keys(self, room_ids: Iterable[int]) -> dict[int, str]:
        return {one: self.rooms[one].key for one in room_ids}

    def hide(self, follower: Follower, joined: dict[int, Joined]) -> None:
        """Direct rooms that others opened are shown when the first message comes."""
        follower.hidden = {
            one: as_update(room_list.entry(self.rooms[one], mine, follower.markers.get(one)))
            for one, mine in joined.items()
            if mine.hidden
        }

    def tell_removed(self, followers: list[Follower], key: str) -> None:
        """Those who are in it are told when their subscription ends (room_access.py)."""
        for follower in followers:
            self.inboxes.left(follower.connection.member_id, key)
            if key not in follower.connection.subscriptions:
                follower.connection.write(protocol.RoomRemoved(key))
