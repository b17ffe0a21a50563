"""Activity: connections are told how far the rooms of their list come that they have not entered.

A connection is written to once a second at most, however many rooms have changed; the first change
after a quiet second is told at once. What a node hears is gathered for a moment, so that a busy
room costs the loop the same as a quiet one.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterable

from msgspec import structs

from .. import bus, protocol
from ..rooms.room_list import Marker, unread
from .connection import Connection
from .sockets import Frame, frame

# A change is told after this time, with others that came meanwhile.
GATHER_SECONDS = 0.05
# The lists are gone through again no sooner than after this time.
SPREAD_SECONDS = 0.2
# A connection is written to no sooner than after this time.
FLUSH_SECONDS = 1.0


# By room, and the counts of unread messages and mentions that it tells.
Frames = dict[tuple[int, int | None, int | None], Frame]


class Follower:
    """A connection with its room list, and the rooms of which it is still to be told."""

    __slots__ = ("connection", "flushed_at", "hidden", "markers", "pending", "rooms", "since")

    def __init__(self, connection: Connection, markers: dict[int, Marker]) -> None:
        self.connection = connection
        # By room id; shared by the connections of a member.
        self.markers = markers
        # The rooms of the list that are not in everyone's.
        self.rooms: set[int] = set()
        # Of rooms that are shown when the first message comes: what is told then.
        self.hidden: dict[int, protocol.RoomUpdated] = {}
        self.pending: set[int] = set()
        self.flushed_at = 0.0
        self.since = time.monotonic()


class ActivityFeed:
    """Tells the connections of one node. It asks nobody: others `note` what they find out."""

    def __init__(self) -> None:
        self.followers: dict[Connection, Follower] = {}
        # How many unread mentions a member has in a room, after a read marker.
        self.mentions_of: Callable[[int, int, Marker | None], int] = lambda *_: 0
        # By id of the rooms in some list: the key; the head and how many messages it has had.
        self._keys: dict[int, str] = {}
        self._ends: dict[int, tuple[int, int]] = {}
        self._everyones: set[int] = set()
        self._listed_by: dict[int, set[Follower]] = {}
        # What the next walk through the lists is about.
        self._changed: set[int] = set()
        self._spread_at = 0.0
        self._spreading: asyncio.TimerHandle | None = None
        # Followers with something pending, by the time at which they may be written to.
        self._due: list[tuple[float, int, Follower]] = []
        self._numbers = itertools.count()
        self._flushing: asyncio.TimerHandle | None = None

    # --- Lists --------------------------------------------------------------------------------

    def list_for_everyone(self, rooms: dict[int, str]) -> None:
        """These rooms, by id with their keys, are in every list, and no others."""
        gone = self._everyones - rooms.keys()
        self._everyones = set(rooms)
        self._keys |= rooms
        self._forget(gone)

    def follow(self, follower: Follower, rooms: dict[int, str]) -> None:
        """Tell this connection of everyone's rooms and of these. Call it once the list is told."""
        self.followers[follower.connection] = follower
        self.set_rooms(follower, rooms)

    def set_rooms(self, follower: Follower, rooms: dict[int, str]) -> None:
        """These rooms are in this connection's list besides everyone's, and no others."""
        self._keys |= rooms
        for room_id in rooms.keys() - follower.rooms:
            self._listed_by.setdefault(room_id, set()).add(follower)
        gone = follower.rooms - rooms.keys()
        follower.rooms = set(rooms)
        for room_id in gone:
            self._listed_by[room_id].discard(follower)
        self._forget(gone)

    def unfollow(self, connection: Connection) -> None:
        follower = self.followers.pop(connection, None)
        if follower is not None:
            self.set_rooms(follower, {})

    def _forget(self, room_ids: Iterable[int]) -> None:
        """Keep nothing of rooms that are in nobody's list."""
        for room_id in room_ids:
            if not self._listed_by.get(room_id):
                self._listed_by.pop(room_id, None)
                if room_id not in self._everyones:
                    self._keys.pop(room_id, None)
                    self._ends.pop(room_id, None)

    # --- What is found out --------------------------------------------------------------------

    def on_message(self, hint: bus.BusMessage) -> None:
        match hint:
            case bus.Batch(posted=int(posted)):
                self.note(hint.room_id, hint.last, posted)
            case bus.RoomEnds():
                for room_id, head, posted in hint.ends:
                    self.note(room_id, head, posted)

    def note(self, room_id: int, head: int, posted: int) -> None:
        """The room has come this far."""
        if room_id in self._keys and self._ends.get(room_id, (-1, 0))[0] < head:
            self._ends[room_id] = head, posted
            self._changed.add(room_id)
            if self._spreading is None:
                wait = max(GATHER_SECONDS, self._spread_at + SPREAD_SECONDS - time.monotonic())
                loop = asyncio.get_running_loop()
                self._spreading = loop.call_later(wait, self._spread)

    def known(self, room_id: int, head: int, posted: int) -> None:
        """A list that was just read says so; who is told the list needs no word of it."""
        if self._ends.get(room_id, (-1, 0))[0] < head:
            self._ends[room_id] = head, posted

    def catch_up(self, follower: Follower, heads: dict[int, int]) -> None:
        """Tell a follower of rooms that went on after these heads were read."""
        for room_id, head in heads.items():
            if self._ends.get(room_id, (-1, 0))[0] > head:
                self.wanted_by([follower], room_id)
        self._flush()

    def key_for(self, follower: Follower, room_id: int) -> str | None:
        """The key of a room that is in this list; None if it is not."""
        is_listed = room_id in self._everyones or room_id in follower.rooms
        return self._keys.get(room_id) if is_listed else None

    def unread(self, follower: Follower, room_id: int) -> int | None:
        """How many messages this member has not read there, as far as is known here."""
        if room_id not in self._ends:
            return None
        return unread(self._ends[room_id][1], follower.markers.get(room_id))

    def _mentions(self, follower: Follower, room_id: int) -> int | None:
        """How many unread mentions this member has there; None for a visitor."""
        if follower.connection.is_visitor:
            return None
        marker = follower.markers.get(room_id)
        return self.mentions_of(follower.connection.member_id, room_id, marker)

    # --- Telling ------------------------------------------------------------------------------

    def tell(self, room_id: int, event: protocol.RoomUpdated) -> None:
        """Tell everyone in whose list this room is, whatever else they were told."""
        shared = frame(event)
        for follower in list(self.listing(room_id)):
            if room_id not in follower.hidden:
                follower.connection.socket.write(shared)

    def _spread(self) -> None:
        self._spreading, self._spread_at = None, time.monotonic()
        changed, self._changed = self._changed, set()
        for room_id in changed:
            self.wanted_by(self.listing(room_id), room_id)
        self._flush()

    def listing(self, room_id: int) -> Iterable[Follower]:
        """Those in whose list this room is."""
        if room_id in self._everyones:
            return self.followers.values()
        return self._listed_by.get(room_id, ())

    def wanted_by(self, followers: Iterable[Follower], room_id: int) -> None:
        """Tell these of the room soon, unless they are in it."""
        key = self._keys.get(room_id, "")
        for follower in followers:
            if key not in follower.connection.subscriptions:
                if not follower.pending:
                    self._queue(follower, follower.flushed_at + FLUSH_SECONDS)
                follower.pending.add(room_id)

    def _queue(self, follower: Follower, at: float) -> None:
        heapq.heappush(self._due, (at, next(self._numbers), follower))

    def _flush(self) -> None:
        """Write to those whose time has come, and see to it that the others' turn comes."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        now = time.monotonic()
        frames: Frames = {}
        while self._due and self._due[0][0] <= now:
            follower = heapq.heappop(self._due)[2]
            if follower.connection.socket.writable:
                follower.flushed_at = now
                self._write(follower, frames)
            elif not follower.connection.closed:
                self._queue(follower, now + FLUSH_SECONDS)
        if self._due:
            wait = max(GATHER_SECONDS, self._due[0][0] - now)
            self._flushing = asyncio.get_running_loop().call_later(wait, self._flush)

    def _write(self, follower: Follower, frames: Frames) -> None:
        connection, told = follower.connection, []
        for room_id in sorted(follower.pending):
            key = self._keys.get(room_id)
            if key is None or room_id not in self._ends or key in connection.subscriptions:
                continue
            count = self.unread(follower, room_id)
            if (hidden := follower.hidden.pop(room_id, None)) is not None:
                head = self._ends[room_id][0]
                told.append(frame(structs.replace(hidden, head=head, unread=count)))
                continue
            mentions = self._mentions(follower, room_id)
            known = room_id, count, mentions
            if known not in frames:
                head = self._ends[room_id][0]
                frames[known] = frame(protocol.RoomActivity(key, head, count, mentions))
            told.append(frames[known])
        follower.pending = set()
        if told and not connection.closed:
            connection.socket.write(Frame.joined(told))
