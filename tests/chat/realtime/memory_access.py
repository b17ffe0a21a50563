"""Who may see the room in memory, and what holds there: the services of access over it."""

from collections.abc import Collection, Mapping
from copy import copy

from chat.accounts.change_numbers import Access
from chat.moderation.moderation_state import ModerationState, Numbers, RoomRules
from chat.rooms import access
from chat.rooms.models import Room
from chat.rooms.room_list import RoomInList

from .memory import Log


class ClosableLog(Log):
    """A log whose room may be closed to all but its members, and archived."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.archived = False
        self._moderation_version = 0
        self._changes: list[Access] = []

    def may_see(self, member_id: int) -> bool:
        return access.is_for_everyone(self.room) or member_id in self.members

    def add(self, member_id: int) -> None:
        self.members.add(member_id)
        self._changes.append((self.room.pk, member_id))

    def remove(self, member_id: int) -> None:
        self.members.discard(member_id)
        self._changes.append((self.room.pk, member_id))

    def set_kind(self, kind: Room.Kind) -> None:
        self.room.kind = kind
        self._changes.append((self.room.pk, None))

    def archive(self, archived: bool) -> None:
        self.archived = archived
        self._moderation_version += 1
        self._changes.append((self.room.pk, None))

    # --- As rooms/access.py, accounts/change_numbers.py and moderation/moderation_state.py ----

    def find_or_none(self, key: str) -> Room | None:
        return copy(self.room)

    def require_room(self, room: Room | None, key: str, member_id: int) -> None:
        if room is None or not self.may_see(member_id):
            raise access.no_such_room(key)

    def _who_may_stay(
        self, inside: Mapping[int, Collection[int]]
    ) -> tuple[dict[int, Room], dict[int, set[int]]]:
        rooms = {room_id: copy(self.room) for room_id in inside}
        return rooms, {one: set(filter(self.may_see, inside[one])) for one in inside}

    def numbers(self) -> Numbers:
        return Numbers(self._moderation_version, 0, len(self._changes))

    def access_changes_since(self, number: int) -> list[Access]:
        return self._changes[number:]

    def load(self) -> ModerationState:
        rules = {self.room.pk: RoomRules(archived=True)} if self.archived else {}
        return ModerationState(self._moderation_version, rules=rules)

    def rooms(self, room_ids: Collection[int]) -> dict[int, RoomInList]:
        """Nobody has a list of rooms here."""
        return {}
