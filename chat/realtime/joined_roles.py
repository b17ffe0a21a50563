"""Roles in rooms of the members who are connected to this node, as their room lists have them."""

from collections.abc import Collection

from ..accounts.permissions import Permission, Role, is_allowed
from ..rooms import access
from .list_reader import ListReader


class JoinedRoles:
    """What the members of one node are in the rooms that they joined; no query."""

    def __init__(self, lists: ListReader) -> None:
        self._lists = lists

    def role(self, member_id: int, room_id: int) -> Role | None:
        """What the member's role in this room is worth there; None outside."""
        joined = self._lists.joined(member_id, room_id)
        return access.worth(joined.role) if joined else None

    def roles(self, member_id: int) -> dict[int, Role]:
        """The same for all rooms of this member."""
        joined = self._lists.joined_by.get(member_id, {})
        return {room_id: access.worth(mine.role) for room_id, mine in joined.items()}

    def reviewers_of(self, room_ids: Collection[int]) -> set[int]:
        """The members who review the reports of one of these rooms, for their role there."""
        return {
            member_id
            for member_id in self._lists.joined_by
            for room_id in room_ids
            if is_allowed(self.role(member_id, room_id) or Role.GUEST, Permission.REVIEW)
        }
