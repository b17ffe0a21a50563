"""Read marks, gathered and stored together: one lost with its node is soon set again."""

from ..models import ReadMark
from .threads import Threads


class Marks:
    """How far members have read, since the last time this was stored."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._unsaved: dict[tuple[int, int], int] = {}

    def set(self, member_id: int, room_id: int, seq: int) -> None:
        key = (member_id, room_id)
        self._unsaved[key] = max(seq, self._unsaved.get(key, 0))

    async def save(self) -> None:
        if self._unsaved:
            unsaved, self._unsaved = self._unsaved, {}
            await self._threads.write(save_marks, unsaved)


def save_marks(unsaved: dict[tuple[int, int], int]) -> None:
    """Move each (member, room)'s mark to this number."""
    ReadMark.objects.bulk_create(
        [
            ReadMark(member_id=member_id, room_id=room_id, seq=seq)
            for (member_id, room_id), seq in sorted(unsaved.items())
        ],
        update_conflicts=True,
        unique_fields=["member", "room"],
        update_fields=["seq"],
    )
