"""How members look now, in this node's memory, and told to the tabs that show them.

A tab asks for the members whom it names. Of those, what changes later is told to every tab of the
node: at the hint of a change, or when the number of changes is found to have moved (once a second).
A member whom no tab here has asked for costs nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils import timezone

from .. import protocol
from ..accounts import profile
from ..accounts.profile import Face
from ..messages.authors import who_spoke_for_everyone
from ..scheduler import Scheduler
from .connection import Connection
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .sockets import Frame, frame

# So many members are remembered, those who were asked for last.
KEPT = 20_000
# So many are read, or told of, at once: a frame stays small.
CHUNK = 200


class Faces:
    """The faces of the members that the tabs of one node show."""

    def __init__(
        self, executors: DatabaseExecutors, scheduler: Scheduler, registry: ConnectionRegistry
    ) -> None:
        self._executors = executors
        self._scheduler = scheduler
        self._registry = registry
        registry.on_changed = self.doubt
        self._kept: OrderedDict[int, Face] = OrderedDict()
        # Members that may look different by now.
        self._doubted: set[int] = set()
        # One at a time, so that an older answer never comes after a newer one.
        self._reading = asyncio.Lock()
        # Connections that took nothing when something was told, and of whom they were not told.
        self._behind: dict[Connection, set[int]] = {}

    async def load(
        self, connection: Connection, member_ids: Collection[int]
    ) -> list[protocol.MemberFace]:
        """How these look; for a visitor, those of them who spoke where everyone can read."""
        if connection.is_visitor:
            member_ids = await self._executors.read(who_spoke_for_everyone, member_ids)
        if any(one not in self._kept for one in member_ids):
            async with self._reading:
                await self._read([one for one in member_ids if one not in self._kept])
        now = timezone.now()
        found = []
        for one in member_ids:
            if (face := self._kept.get(one)) is not None:
                self._kept.move_to_end(one)
                found.append(wire_face(face, now))
        return found

    # --- Changes ------------------------------------------------------------------------------

    def doubt(self, member_ids: Iterable[int] | None) -> None:
        """Something may have changed about these; None: about anyone."""
        is_read_already = bool(self._doubted)
        doubted = self._kept.keys() if member_ids is None else member_ids
        self._doubted |= self._kept.keys() & set(doubted)
        # Those who are asked for at this moment too: what was read may be old.
        if self._reading.locked() and member_ids is not None:
            self._doubted |= set(member_ids)
        if self._doubted and not is_read_already:
            self._scheduler.run(self.look())

    async def look(self) -> None:
        """Read the doubted ones anew, and tell what has changed. What fails is tried again."""
        async with self._reading:
            doubted, self._doubted = sorted(self._doubted), set()
            for start in range(0, len(doubted), CHUNK):
                chunk = doubted[start : start + CHUNK]
                before = {one: self._kept.get(one) for one in chunk}
                try:
                    await self._read(chunk)
                    changed = [
                        one for one, face in before.items() if face and face != self._kept.get(one)
                    ]
                    await self._tell(changed)
                except Exception:
                    self._doubted |= set(doubted[start:])
                    raise

    async def tick(self) -> None:
        """Once a second: what failed before, and those who could take nothing."""
        if self._doubted:
            await self.look()
        for connection, missed in list(self._behind.items()):
            if connection.closed:
                del self._behind[connection]
            elif connection.socket.writable:
                del self._behind[connection]
                for one in self._frames(missed):
                    connection.socket.write(one)

    async def _read(self, member_ids: Collection[int]) -> None:
        found = await self._executors.read(profile.faces, member_ids)
        for one in member_ids:
            self._kept.pop(one, None)
        self._kept.update(found)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    async def _tell(self, changed: Collection[int]) -> None:
        if not changed:
            return
        for_visitors: set[int] = set()
        if any(connection.is_visitor for connection in self._registry.connections):
            for_visitors = set(await self._executors.read(who_spoke_for_everyone, changed))
        frames = {False: self._frames(changed), True: self._frames(for_visitors)}
        for connection in list(self._registry.connections):
            # Who comes at this moment asks after the greeting.
            if connection.closed or not connection.is_checked:
                continue
            shown = for_visitors if connection.is_visitor else changed
            if connection.socket.writable:
                for one in frames[connection.is_visitor]:
                    connection.socket.write(one)
            elif shown:
                self._behind.setdefault(connection, set()).update(shown)

    def _frames(self, member_ids: Iterable[int]) -> list[Frame]:
        now = timezone.now()
        held = [wire_face(self._kept[one], now) for one in sorted(member_ids) if one in self._kept]
        return [
            frame(protocol.MembersChanged(held[start : start + CHUNK]))
            for start in range(0, len(held), CHUNK)
        ]


def wire_face(face: Face, now: datetime) -> protocol.MemberFace:
    """The face as it travels. A status that is over by now is none."""
    is_over = face.status_until is not None and face.status_until <= now
    has_status = bool(face.status_emoji or face.status_text) and not is_over
    status = protocol.ShownStatus(face.status_emoji, face.status_text, face.status_until)
    return protocol.MemberFace(
        id=face.id,
        name=face.name,
        handle=face.handle or None,
        picture=face.picture or None,
        status=status if has_status else None,
    )
