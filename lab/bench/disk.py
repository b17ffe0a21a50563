"""What the database says of one message, and of how long its disk takes."""

import psycopg

from .repeated_keys import MARK

# Before version 18 there was a view for the log alone.
_OLD = "SELECT wal_sync, wal_sync_time FROM pg_stat_wal"
_NEW = (
    "SELECT sum(fsyncs)::int, sum(fsync_time)::float8 FROM pg_stat_io"
    " WHERE object = 'wal' AND context = 'normal'"
)
VERSION_18 = 180000


def fsync_mean(url: str) -> tuple[float, int]:
    """Milliseconds a write of the log to the disk took, and of how many that is the mean."""
    with psycopg.connect(url, autocommit=True) as connection:
        statement = _NEW if connection.info.server_version >= VERSION_18 else _OLD
        row = connection.execute(statement.encode()).fetchone()
    count, total = row or (0, 0.0)
    return (float(total) / count, int(count)) if count else (0.0, 0)


def message_at(url: str, room: str, seq: int) -> tuple[str, str, str]:
    """Its author's name, its text and its client_id; empty if there is no such message."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT author_name, body, client_id FROM chat_message"
            " JOIN chat_room r ON r.id = room_id WHERE key = %s AND seq = %s",
            [room, seq],
        ).fetchone()
    author, text, message = row or ("", "", "")
    return author, text, MARK.sub("", message)
