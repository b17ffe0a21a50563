"""Entering a room: the reply `room.entered`, and following the room from there without a hole."""

import asyncio
from uuid import UUID

from msgspec import Raw

from .. import protocol
from ..messages import catch_up, history
from ..rooms import access
from ..rooms.models import Room
from .connection import Connection
from .database_executors import DatabaseExecutors
from .hub import Hub
from .room_stream import RoomStream, Subscription
from .single_flight import shared


class EntryHandler:
    """Subscribes connections to the live rooms of one node."""

    def __init__(self, executors: DatabaseExecutors, hub: Hub) -> None:
        self._executors = executors
        self._hub = hub

    async def enter(
        self, connection: Connection, key: str, since: protocol.Position | None, ref: str
    ) -> RoomStream:
        """Write the `room.entered` reply, and follow the room from there.

        A connection that is in the room and asks anew gets nothing of it before the reply.
        """
        held = self._hold(connection, key)
        try:
            live, page = await self._room_and_page(connection.member_id, key, since)
        except Exception:
            if held is not None:
                self._release(held)
            raise
        subscription = Subscription(connection, live, page.last)
        # The client asks on from `to`; until then it can take nothing newer.
        subscription.reading = page.more and since is not None and page.reset is None
        if not connection.closed:
            connection.subscriptions[key] = subscription
            live.add(subscription)
        connection.write(_entered(ref, key, page))
        live.flush(subscription)
        self._hub.gaps.expect(live, page.head)
        return live

    async def _room_and_page(
        self, member_id: int, key: str, since: protocol.Position | None
    ) -> tuple[RoomStream, history.EncodedPage]:
        while True:
            access_number = self._hub.access_number
            first = _FirstPage(self._executors, since)
            live = await self._hub.room(member_id, key, first.read_end)
            room = live.room
            # However long the page takes, the room is not closed meanwhile for being empty.
            live.entering += 1
            try:
                page = await self._page_for(live, since, first)
            finally:
                live.entering -= 1
            # It may have been closed before that, or because its log was replaced; or it was read
            # anew, and may be for others now.
            if self._hub.rooms.get(room.pk) is not live or live.room is not room:
                continue
            # Someone removed meanwhile was not found among those inside.
            while self._hub.access_number != access_number and not access.is_for_everyone(room):
                access_number = self._hub.access_number
                await self._hub.require_access(room, key, member_id)
            if self._hub.rooms.get(room.pk) is live and live.room is room:
                return live, page

    def _hold(self, connection: Connection, key: str) -> Subscription | None:
        """Write no more of a room to a connection that is in it: the page would repeat it."""
        earlier = connection.subscriptions.get(key)
        if earlier is None:
            return None
        # Its cursor is its own again.
        earlier.room.pause(earlier)
        held = Subscription(connection, earlier.room, earlier.cursor)
        held.reading = True
        held.room.add(held)
        connection.subscriptions[key] = held
        return held

    def _release(self, held: Subscription) -> None:
        """Go on from the cursor, unless the connection has left meanwhile."""
        if held.connection.subscriptions.get(held.room.room.key) is held:
            held.reading = False
            held.room.flush(held)

    async def _page_for(
        self, live: RoomStream, since: protocol.Position | None, first: "_FirstPage"
    ) -> history.EncodedPage:
        if first.reading is not None:
            if since is None:
                live.last_page = first.reading
            return await first.reading
        if since is None:
            return await self._last_page(live)
        if since.epoch == live.epoch:
            missed = live.changes_after(since.seq, since.id)
            if missed is not None and sum(len(c[2]) for c in missed) < history.PAGE_BYTES:
                messages = [Raw(encoded) for _, _, encoded in missed]
                end = live.head, live.head_id
                return history.EncodedPage(
                    live.epoch, *end, since.seq + 1, *end, messages, more=False
                )
        page = await _read_page(self._executors, live.room, since)
        if page.epoch != live.epoch:
            self._hub.reset(live)
        return page

    async def _last_page(self, live: RoomStream) -> history.EncodedPage:
        """The last page, read once for all who ask while the head stands still."""
        task = live.last_page
        if task is None or (task.done() and (task.exception() or task.result().head != live.head)):
            task = shared(_read_page(self._executors, live.room, None))
            live.last_page = task
        return await asyncio.shield(task)


class _FirstPage:
    """The page of someone for whom a room is opened on this node; the log's end is in it.

    Where the room is live already, nothing is read here.
    """

    def __init__(self, executors: DatabaseExecutors, since: protocol.Position | None) -> None:
        self.reading: asyncio.Task[history.EncodedPage] | None = None
        self._executors = executors
        self._since = since

    async def read_end(self, room: Room) -> tuple[str, int, UUID | None]:
        self.reading = shared(_read_page(self._executors, room, self._since))
        page = await self.reading
        return page.epoch, page.head, page.head_id


async def _read_page(
    executors: DatabaseExecutors, room: Room, since: protocol.Position | None
) -> history.EncodedPage:
    if since is None:
        return await executors.read(history.last_page_encoded, room)
    return await executors.read(catch_up.since_encoded, room, since)


def _entered(ref: str, key: str, page: history.EncodedPage) -> protocol.RoomEntered:
    return protocol.RoomEntered(
        ref=ref,
        room=key,
        epoch=page.epoch,
        head=page.head,
        from_=page.first,
        to=page.last,
        to_id=page.last_id,
        messages=page.messages,
        more=page.more,
        reset=page.reset,
    )
