"""The queries of the head poller, as prepared statements for the event loop's own connection.

They answer the same as `room_heads.heads`, `room_list.ends_since` and `moderation_state.numbers`.
"""

from collections.abc import Iterable
from uuid import UUID

from psycopg.pq.abc import PGresult

from ..messages.prepared_statements import Statement
from ..messages.room_heads import Heads
from .moderation_state import Numbers

HEADS = Statement(
    "heads",
    b"SELECT room_id, head, epoch, kind, head_id FROM chat_roomhead"
    b" JOIN chat_room ON chat_room.id = room_id WHERE room_id = ANY ($1::bigint[])",
)
NUMBERS = Statement("numbers", b"SELECT count, sessions FROM chat_rulings ORDER BY id LIMIT 1")

# What is committed now got its time a moment ago, on another clock perhaps.
RECENT_ENDS = Statement(
    "recent_ends",
    b"SELECT room_id, head, posted FROM chat_roomhead"
    b" WHERE last_at > statement_timestamp() - $1::float8 * interval '1 second'",
)


def of_rooms(room_ids: Iterable[int]) -> list[bytes]:
    """The parameters of HEADS."""
    return [b"{%s}" % b",".join(b"%d" % room_id for room_id in room_ids)]


def heads(result: PGresult) -> Heads:
    """The result of HEADS."""
    heads: Heads = {}
    for row in range(result.ntuples):
        room_id, head, epoch, kind = (result.get_value(row, column) or b"" for column in range(4))
        head_id = result.get_value(row, 4)
        heads[int(room_id)] = (
            int(head),
            UUID(head_id.decode()) if head_id else None,
            epoch.decode(),
            kind.decode(),
        )
    return heads


def ends(result: PGresult) -> list[tuple[int, int, int]]:
    """The result of RECENT_ENDS."""
    return [
        (
            int(result.get_value(row, 0) or 0),
            int(result.get_value(row, 1) or 0),
            int(result.get_value(row, 2) or 0),
        )
        for row in range(result.ntuples)
    ]


def numbers(result: PGresult) -> Numbers:
    """The result of NUMBERS."""
    if not result.ntuples:
        return Numbers()
    return Numbers(*(int(result.get_value(0, column) or 0) for column in range(2)))
