"""Read markers, gathered and stored together. One that is lost with its node is soon set again."""

from collections.abc import Callable

from django.db import connection, transaction
from django.utils import timezone

from ..rooms.room_list import UNREAD_MAX
from .database_executors import DatabaseExecutors

# More markers than this do not wait for the database: a member who reads on sets theirs again.
UNSAVED_MAX = 50_000
# Markers stored by one transaction, which holds up other writers of SQLite.
AT_ONCE = 1000
# A marker never goes back, also if another tab or node, or a late save, has an older one. One of
# a member or room that is gone is left out, or none of the others could be stored. Messages that
# came after the marker are unread (chat/rooms/room_list.py).
_MOVE = """
INSERT INTO chat_readmark (member_id, room_id, seq, posted, moved_at)
SELECT chat_member.id, head.room_id, %s, head.posted - (
    SELECT count(*) FROM (
        SELECT 1 FROM chat_message WHERE room_id = head.room_id AND seq > %s LIMIT %s
    ) AS newer
), %s FROM chat_member, chat_roomhead AS head
WHERE chat_member.id = %s AND head.room_id = %s
ON CONFLICT (member_id, room_id) DO UPDATE
SET seq = excluded.seq, posted = excluded.posted, moved_at = excluded.moved_at
WHERE chat_readmark.seq < excluded.seq
"""


class ReadMarkers:
    """How far members have read, since the last time this was stored."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        on_saved: Callable[[list[tuple[int, int]]], None] = lambda saved: None,
    ) -> None:
        """`on_saved` is called with the (member, room) of what was stored."""
        self._executors = executors
        self._on_saved = on_saved
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
            chunk = dict(pending[at : at + AT_ONCE])
            try:
                await self._executors.write(save_read_markers, chunk)
            except BaseException:
                for (member_id, room_id), seq in pending[at:]:
                    self.set(member_id, room_id, seq)
                raise
            self._on_saved(list(chunk))


def save_read_markers(unsaved: dict[tuple[int, int], int]) -> None:
    """Move each (member, room)'s mark to this number, unless it is further already."""
    # In one order, so that nodes which store the same marks do not wait for each other in a circle.
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = [[seq, seq, UNREAD_MAX + 1, now, *key] for key, seq in sorted(unsaved.items())]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_MOVE, rows)
