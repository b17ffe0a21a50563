"""Who owns and moderates the live rooms of a node: marked wherever the people of a room are named.

Read when a room becomes live here, apart from entering it, and again when its memberships change.
"""

from collections.abc import Callable, Iterable

from ..accounts.permissions import Role, higher
from ..errors import Unavailable
from ..rooms import access, memberships
from ..scheduler import Scheduler
from .database_executors import DatabaseExecutors
from .hub import Hub


class RoomStaff:
    """The owners and moderators of this node's live rooms, as far as they have been read."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        scheduler: Scheduler,
        hub: Hub,
        site_role: Callable[[int], Role],
    ) -> None:
        # Called with a room and the members who have another role there now.
        self.on_changed: Callable[[int, set[int]], None] = lambda room_id, member_ids: None
        self._executors = executors
        self._scheduler = scheduler
        self._hub = hub
        self._site_role = site_role
        self._staff: dict[int, dict[int, str]] = {}

    def role_name(self, member_id: int, room_id: int) -> str | None:
        """The higher one of the member's roles on the site and in the room, if one is told."""
        role = self._site_role(member_id)
        here = self._staff.get(room_id, {}).get(member_id)
        if here is not None:
            role = higher(role, access.worth(here))
        return role.value if role in (Role.MODERATOR, Role.OWNER) else None

    def entered(self, room_id: int) -> None:
        """Someone is in this room: read who runs it, if that is not known here."""
        if room_id not in self._staff:
            self._staff[room_id] = {}
            self._scheduler.run(self.refresh([room_id]))

    async def refresh(self, room_ids: Iterable[int]) -> None:
        """Read these rooms anew, those of them that are live; and forget the others."""
        live = self._hub.rooms
        self._staff = {one: staff for one, staff in self._staff.items() if one in live}
        known = [one for one in room_ids if one in self._staff]
        if not known:
            return
        try:
            staff = await self._executors.read(memberships.staff_of, known)
        except Unavailable:
            # The next one who enters has them read.
            for room_id in known:
                self._staff.pop(room_id, None)
            return
        for room_id, now in staff.items():
            if room_id in self._staff and self._staff[room_id] != now:
                before, self._staff[room_id] = self._staff[room_id], now
                self.on_changed(
                    room_id, {member_id for member_id, _ in before.items() ^ now.items()}
                )
