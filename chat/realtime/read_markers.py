"""Read markers, gathered and stored together. One that is lost with its node is soon set again."""

from django.db import connection, transaction

from .database_executors import DatabaseExecutors

# More markers than this do not wait for the database: a member who reads on sets theirs again.
UNSAVED_MAX = 50_000
# Markers stored by one transaction, which holds up other writers of SQLite.
AT_ONCE = 1000
# A marker never goes back, also if another tab or node, or a late save, has an older one. One of
# a member or room that is gone is left out, or none of the others could be stored.
_MOVE = """
INSERT INTO chat_readmark (member_id, room_id, seq)
SELECT chat_member.id, chat_room.id, %s FROM chat_member, chat_room
WHERE chat_member.id = %s AND chat_room.id = %s
ON CONFLICT (member_id, room_id) DO UPDATE SET seq = excluded.seq
WHERE chat_readmark.seq < excluded.seq
"""


class ReadMarkers:
    """How far members have read, since the last time this was stored."""

    def __init__(self, executors: DatabaseExecutors) -> None:
        self._executors = executors
        self._unsaved: dict[tuple[int, int], int] = {}

    def set(self, member_id: int, room_id: int, seq: int) -> None:
        key = (member_id, room_id)
        if key in self._unsaved or len(self._unsaved) < UNSAVED_MAX:
            self._unsaved[key] = max(seq, self._unsaved.get(key, 0))

    async def save(self) -> None:
        """Store them. What cannot be stored is kept for the next time."""
        unsaved, self._unsaved = self._unsaved, {}
        pending = sorted(unsaved.items())
        for at in range(0, len(pending), AT_ONCE):
            try:
                await self._executors.write(save_read_markers, dict(pending[at : at + AT_ONCE]))
            except BaseException:
                for (member_id, room_id), seq in pending[at:]:
                    self.set(member_id, room_id, seq)
                raise


def save_read_markers(unsaved: dict[tuple[int, int], int]) -> None:
    """Move each (member, room)'s mark to this number, unless it is further already."""
    # In one order, so that nodes which store the same marks do not wait for each other in a circle.
    rows = [[seq, *key] for key, seq in sorted(unsaved.items())]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_MOVE, rows)
