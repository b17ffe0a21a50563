"""The queries of the head poller, for the event loop's own connections.

They answer the same as `room_heads.heads`, `room_list.ends_since` and `moderation_state.numbers`.
"""

from collections.abc import Iterable

from ..database_connections import Rows, Statement
from ..messages.room_heads import Heads
from .moderation_state import Numbers

HEADS = Statement(
    "heads",
    b"SELECT room_id, head, epoch, kind, head_id FROM chat_roomhead"
    b" JOIN chat_room ON chat_room.id = room_id WHERE room_id = ANY ($1::bigint[])",
)
NUMBERS = Statement(
    "numbers", b"SELECT count, sessions, access FROM chat_rulings ORDER BY id LIMIT 1"
)

# What is committed now got its time a moment ago, on another clock perhaps.
RECENT_ENDS = Statement(
    "recent_ends",
    b"SELECT room_id, head, posted FROM chat_roomhead"
    b" WHERE last_at > statement_timestamp() - $1::float8 * interval '1 second'",
)

ALL = [HEADS, NUMBERS, RECENT_ENDS]


def of_rooms(room_ids: Iterable[int]) -> list[str]:
    """The parameters of HEADS."""
    return ["{" + ",".join(map(str, room_ids)) + "}"]


def heads(rows: Rows) -> Heads:
    """The result of HEADS."""
    return {room_id: (head, head_id, epoch, kind) for room_id, head, epoch, kind, head_id in rows}


def ends(rows: Rows) -> list[tuple[int, int, int]]:
    """The result of RECENT_ENDS."""
    return [(room_id, head, posted) for room_id, head, posted in rows]


def numbers(rows: Rows) -> Numbers:
    """The result of NUMBERS."""
    return Numbers(*rows[0]) if rows else Numbers()
