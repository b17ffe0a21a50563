"""Changes of rooms and memberships: told to the connections whose lists they change.

Every change takes a number, which each node asks for once a second, and a row that says what
changed (accounts/change_numbers.py). A node reads anew what changed, tells it, and has the
subscriptions ended of those who may not see a room any more.
"""

from collections.abc import Awaitable, Callable, Iterable

from django.conf import settings

from .. import protocol
from ..accounts import change_numbers
from ..accounts.change_numbers import Access
from ..rooms import room_list
from ..rooms.room_list import Joined, Lists, Place, RoomInList
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .hub import Hub
from .list_reader import MEMBERS_AT_ONCE, ListReader
from .room_activity import Follower
from .room_list_frames import as_update, room_update


class ListChanges:
    """Keeps the room lists of one node, and the memberships in memory, as the database has them."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        hub: Hub,
        registry: ConnectionRegistry,
        lists: ListReader,
    ) -> None:
        # Called with rooms of which access may have changed, to end subscriptions.
        self.on_access: Callable[[list[int]], Awaitable[None]] | None = None
        self._executors = executors
        self._hub = hub
        self._registry = registry
        self._lists = lists
        lists.on_missed = self._take
        # The number of the last change that was taken in.
        self._number: int | None = None

    async def follow(self, number: int) -> None:
        """Take in what changed since the number that we knew of last."""
        before = self._number
        if before is not None and before != number:
            changes = None
            if before < number:
                changes = await self._executors.read(change_numbers.access_changes_since, before)
            if changes is None:
                # Too long ago, or a restored database: everything may be different.
                changes = [(one, None) for one in {*self._hub.rooms, *self._lists.rooms}]
                changes += [(0, member_id) for member_id in self._lists.joined_by]
            await self._take(changes)
        self._number = number

    async def look_at(self, room_ids: Iterable[int]) -> None:
        """These rooms may be for others now, or gone."""
        await self._take([(one, None) for one in room_ids])

    async def _take(self, changes: list[Access]) -> None:
        self._lists.missed += changes
        room_ids = {room_id for room_id, _ in changes if room_id}
        changed = {room_id for room_id, member_id in changes if member_id is None}
        named: dict[int, set[int]] = {}
        for room_id, member_id in changes:
            if member_id is not None:
                named.setdefault(member_id, set()).add(room_id)
        members = [one for one in named if one in self._lists.joined_by]
        rooms = await self._executors.read(room_list.rooms, changed)
        for at in range(0, len(members), MEMBERS_AT_ONCE):
            chunk = members[at : at + MEMBERS_AT_ONCE]
            lists = await self._executors.read(room_list.load, chunk)
            self._lists.rooms |= lists.rooms
            passing = await self._passing({one: named[one] for one in chunk}, lists)
            for member_id in chunk:
                self._member_changed(member_id, lists)
                self._tell_passing(member_id, passing.get(member_id, ()))
        for room_id in changed:
            self._room_changed(room_id, rooms.get(room_id))
        if self.on_access is not None:
            await self.on_access(list(room_ids))

    # --- A room -------------------------------------------------------------------------------

    def _room_changed(self, room_id: int, room: RoomInList | None) -> None:
        """Tell everyone who has it in their list, and whose list it comes into or leaves."""
        lists, activity = self._lists, self._lists.activity
        if room is None:
            self._room_gone(room_id)
            return
        before, was_public = lists.rooms.get(room_id), room_id in lists.public
        is_public = room.is_public and (was_public or len(lists.public) < settings.ROOMS_LISTED)
        if before is None and not is_public:
            return
        lists.rooms[room_id] = room
        if is_public and not was_public:
            lists.set_public([*lists.public, room_id])
            activity.known(room_id, room.head, room.posted)
        if was_public and not is_public:
            others = [one for one in activity.followers.values() if not self._is_in(one, room_id)]
            lists.set_public([one for one in lists.public if one != room_id])
            lists.tell_removed(others, room.key)
        activity.tell(room_id, room_update(room, is_new=is_public and not was_public))

    def _is_in(self, follower: Follower, room_id: int) -> bool:
        return self._lists.joined(follower.connection.member_id, room_id) is not None

    def _room_gone(self, room_id: int) -> None:
        """The room exists for nobody any more."""
        lists, activity = self._lists, self._lists.activity
        room = lists.rooms.get(room_id)
        if room is None:
            return
        listing = list(activity.listing(room_id))
        lists.set_public([one for one in lists.public if one != room_id])
        for joined in lists.joined_by.values():
            joined.pop(room_id, None)
        for follower in listing:
            joined = lists.joined_by.get(follower.connection.member_id, {})
            activity.set_rooms(follower, lists.keys(joined))
        lists.tell_removed(listing, room.key)
        lists.rooms.pop(room_id, None)

    # --- A member -----------------------------------------------------------------------------

    async def _passing(self, named: dict[int, set[int]], lists: Lists) -> dict[int, list[Place]]:
        """By member: rooms that they entered and left since the last look, with key and kind.

        The list is as it was, but the member's own tab was told of the room when it entered.
        """
        gone = {
            member_id: room_ids - {0} - lists.joined[member_id].keys() - before.keys()
            for member_id, room_ids in named.items()
            if (before := self._lists.joined_by.get(member_id)) is not None
        }
        wanted = {room_id for room_ids in gone.values() for room_id in room_ids}
        if not wanted:
            return {}
        places = await self._executors.read(room_list.places, wanted)
        return {one: [places[key] for key in ids if key in places] for one, ids in gone.items()}

    def _tell_passing(self, member_id: int, places: Iterable[Place]) -> None:
        for connection in self._registry.of(member_id):
            follower = self._lists.activity.followers.get(connection)
            for key, is_public in places if follower else ():
                if is_public:
                    connection.write(protocol.RoomUpdated(room=key, role="", joined=False))
                elif follower is not None:
                    self._lists.tell_removed([follower], key)

    def _member_changed(self, member_id: int, lists: Lists) -> None:
        """Tell the member's connections which rooms came into their list, changed, or left it."""
        before, now = self._lists.joined_by.get(member_id), lists.joined[member_id]
        if before is None:
            return
        self._lists.joined_by[member_id] = now
        markers = self._lists.markers_of.setdefault(member_id, {})
        for room_id, marker in lists.markers[member_id].items():
            if room_id not in markers or markers[room_id].seq < marker.seq:
                markers[room_id] = marker
        for connection in self._registry.of(member_id):
            follower = self._lists.activity.followers.get(connection)
            if follower is not None:
                self._list_changed(follower, before, now, lists)

    def _list_changed(
        self, follower: Follower, before: dict[int, Joined], now: dict[int, Joined], lists: Lists
    ) -> None:
        activity, write = self._lists.activity, follower.connection.write
        activity.set_rooms(follower, self._lists.keys(now))
        self._lists.hide(follower, now)
        for room_id, mine in now.items():
            room = lists.rooms[room_id]
            activity.known(room_id, room.head, room.posted)
            if before.get(room_id) != mine and not mine.hidden:
                marker = follower.markers.get(room_id)
                member_id = follower.connection.member_id
                count = self._lists.inboxes.mentions(member_id, room_id, marker)
                write(as_update(room_list.entry(room, mine, marker, count)))
        for room_id in before.keys() - now.keys():
            room = self._lists.rooms[room_id]
            if room.is_public:
                write(protocol.RoomUpdated(room=room.key, role="", joined=False))
            elif not before[room_id].hidden:
                self._lists.tell_removed([follower], room.key)
