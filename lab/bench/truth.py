"""The logs as the database holds them, read past the proxies: what the meter judges tabs by."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import psycopg

from .repeated_keys import MARK

_ROWS = """
SELECT seq, uid::text, author_id, client_id, extract(epoch FROM created_at)::float8, body
FROM chat_message WHERE room_id = %s AND seq > %s AND deleted_at IS NULL ORDER BY seq
"""
_HEADS = """
SELECT key, r.id, head, head_id::text, epoch FROM chat_roomhead
JOIN chat_room r ON r.id = room_id WHERE key = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message of a log. `key`: what its author called it. `at`: when it was made (Unix time)."""

    seq: int
    id: str
    key: tuple[int, str]
    at: float
    body: str


@dataclass
class RoomLog:
    """A log: its messages by number, deleted ones left out, and where it ends."""

    head: int = 0
    head_id: str | None = None
    epoch: str = ""
    rows: dict[int, Stored] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The number of the last message."""
        return max(self.rows, default=0)


class Truth:
    """Reads only what is new, unless a log is not the one that was read before."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._logs: dict[str, RoomLog] = {}

    def read(self, rooms: Iterable[str]) -> dict[str, RoomLog]:
        """Blocks. Raises psycopg.OperationalError while the database is away."""
        with psycopg.connect(self._url, connect_timeout=2, autocommit=True) as connection:
            for key, room_id, *end in connection.execute(_HEADS, [list(rooms)]).fetchall():
                self._read_on(connection, key, room_id, *end)
        return {room: self._logs[room] for room in rooms if room in self._logs}

    def _read_on(
        self,
        connection: psycopg.Connection,
        key: str,
        room_id: int,
        head: int,
        head_id: str | None,
        epoch: str,
    ) -> None:
        log = self._logs.setdefault(key, RoomLog())
        if (head, head_id, epoch) == (log.head, log.head_id, log.epoch):
            return
        # Numbers may be filled in late without the room's lock, so the last ones are read again.
        known = log.rows.get(log.head)
        rows = connection.execute(_ROWS, [room_id, max(0, log.head - 50)]).fetchall()
        is_same = not log.head or (known and any(row[1] == known.id for row in rows))
        if not is_same or epoch != log.epoch:
            log.rows.clear()
            rows = connection.execute(_ROWS, [room_id, 0]).fetchall()
        for seq, id_, author, client_id, at, body in rows:
            log.rows[seq] = Stored(seq, id_, (author, MARK.sub("", client_id)), at, body)
        log.head, log.head_id, log.epoch = head, head_id, epoch
