"""Ends the subscriptions of members who may not see a room any more.

Done after each change of the moderation state, and when a look at the heads finds that a room has
another kind or is gone. So a removal is obeyed within two seconds without Redis.
"""

from collections.abc import Callable, Iterable

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
        """Read these rooms anew, and tell members who lost access that a room is gone for them."""
        ids = [room_id for room_id in room_ids if room_id in self._hub.rooms]
        if not ids:
            return
        rooms = await self._executors.read(access.current_rooms, ids)
        for room_id in ids:
            live = self._hub.rooms.get(room_id)
            if live is not None:
                await self._keep_to(live, rooms.get(room_id))

    async def _keep_to(self, live: RoomStream, now: Room | None) -> None:
        allowed: set[int] = set()
        if now is None:
            self._hub.forget(live)
        else:
            if now.kind != live.room.kind:
                # An entry under way compares this, and checks the access anew.
                live.room = now
            if access.is_for_everyone(now):
                return
            members = {connection.member_id for connection in live.subscriptions}
            allowed = await self._executors.read(access.who_may_see, now, members)
        for connection in list(live.subscriptions):
            if connection.member_id not in allowed:
                self._leave(connection, live.room.key)
                connection.write(protocol.RoomRemoved(live.room.key))
