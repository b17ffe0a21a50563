"""Ends the subscriptions of members who may not see a room any more.

Done after each change of rooms, memberships and the moderation state, and when a look at the heads
finds that a room has another kind or is gone. So a removal is obeyed within two seconds without
Redis.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from .. import protocol
from ..rooms import access
from ..rooms.models import Room
from .connection import Connection
from .database_executors import DatabaseExecutors
from .hub import Hub
from .room_stream import RoomStream


class RoomAccess:
    """Keeps the live rooms of one node to the members who may see them."""

    def __init__(
        self, executors: DatabaseExecutors, hub: Hub, leave: Callable[[Connection, str], None]
    ) -> None:
        self._executors = executors
        self._hub = hub
        self._leave = leave

    async def refresh(self, room_ids: Iterable[int]) -> None:
        """Read these rooms anew, and tell members who lost access that a room is gone for them.

        Two queries, however many rooms there are.
        """
        for live, now, gone in await self._look(room_ids):
            if self._hub.rooms.get(live.room.pk) is live:
                self._shut_out(live, now, gone)

    async def outdated(self) -> list[int]:
        """The live rooms that are gone, of another kind, or not for everyone inside any more.

        Two queries, however many rooms there are. Nobody is told: a list must lose the room first,
        or its tab is told twice.
        """
        return [
            live.room.pk
            for live, now, gone in await self._look(list(self._hub.rooms))
            if now is None
            or now.kind != live.room.kind
            or (gone and not access.is_for_everyone(now))
        ]

    async def _look(
        self, room_ids: Iterable[int]
    ) -> list[tuple[RoomStream, Room | None, set[int]]]:
        """Live rooms, each as the database has it now, and the members inside who may not stay."""
        # Those who enter now ask again for access at the end (room_entry.py).
        self._hub.access_number += 1
        live = {one: self._hub.rooms[one] for one in room_ids if one in self._hub.rooms}
        if not live:
            return []
        inside = {
            room_id: {connection.member_id for connection in stream.subscriptions}
            for room_id, stream in live.items()
        }
        rooms, allowed = await self._executors.read(_who_may_stay, inside)
        # Who came in meanwhile was not asked about here, and has asked by themselves.
        return [
            (stream, rooms.get(room_id), inside[room_id] - allowed.get(room_id, set()))
            for room_id, stream in live.items()
        ]

    def _shut_out(self, live: RoomStream, now: Room | None, gone: set[int]) -> None:
        key = live.room.key
        if now is None:
            self._hub.forget(live)
        else:
            if now.kind != live.room.kind:
                # An entry under way compares this, and checks the access anew.
                live.room = now
            if access.is_for_everyone(now):
                return
        for connection in list(live.subscriptions):
            if connection.member_id in gone:
                self._leave(connection, key)
                connection.write(protocol.RoomRemoved(key))


def _who_may_stay(
    inside: Mapping[int, Collection[int]],
) -> tuple[dict[int, Room], dict[int, set[int]]]:
    """These rooms as they are now, and for each those of the members inside who may see it."""
    rooms = access.current_rooms(inside)
    allowed = access.who_may_see_each({room: inside[one] for one, room in rooms.items()})
    return rooms, {room.pk: members for room, members in allowed.items()}
