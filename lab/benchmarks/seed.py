"""A log of any length, made by the database itself."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from ..kit.launcher import LocalDeployment

CHUNK = 500_000

# A message a minute, the last of them now.
_INSERT = """
INSERT INTO chat_message
    (room_id, seq, updated_seq, uid, author_id, author_name, client_id, body, created_at)
SELECT %(room)s, n, n, gen_random_uuid(), %(first)s + n %% %(members)s, 'measured',
       md5(n::text), 'message ' || n || repeat(' and so on', (n %% 9)::int),
       now() - (%(size)s - n) * interval '1 minute'
FROM generate_series(%(start)s::bigint, %(end)s::bigint) n
"""
_INSERT_SQLITE = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :size)
INSERT INTO chat_message
    (room_id, seq, updated_seq, uid, author_id, author_name, client_id, body, created_at)
SELECT :room, n, n, lower(hex(randomblob(16))), :first + n % :members, 'measured',
       lower(hex(randomblob(16))), 'message ' || n || substr(:filler, 1, 10 * (n % 9)),
       strftime('%Y-%m-%d %H:%M:%f', 'now', (n - :size) || ' minutes')
FROM numbers
"""
_HEAD = """
UPDATE chat_roomhead SET head = %(size)s, head_id = uid FROM chat_message m
WHERE chat_roomhead.room_id = %(room)s AND m.room_id = %(room)s AND m.seq = %(size)s
"""
_HEAD_SQLITE = """
UPDATE chat_roomhead SET head = :size, head_id =
    (SELECT uid FROM chat_message WHERE room_id = :room AND seq = :size)
WHERE room_id = :room
"""


def seed(deployment: LocalDeployment, *sizes: int) -> int:
    """So many messages in room-0, room-1 …, by all members in turn. The bytes of their table."""
    if deployment.database_url.startswith("sqlite"):
        return _seed_sqlite(deployment, sizes)
    with psycopg.connect(deployment.database_url, autocommit=True) as connection:
        rooms = _ids(connection, "SELECT id FROM chat_room WHERE key LIKE 'room-%' ORDER BY id")
        members = _ids(connection, "SELECT id FROM chat_member ORDER BY id")
        for room, size in zip(rooms, sizes, strict=True):
            filled = {"room": room, "size": size, "first": members[0], "members": len(members)}
            for start in range(1, size + 1, CHUNK):
                end = min(size, start + CHUNK - 1)
                connection.execute(_INSERT, filled | {"start": start, "end": end})
            connection.execute(_HEAD, filled)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        [size_on_disk] = _ids(connection, "SELECT pg_total_relation_size('chat_message')")
    return size_on_disk


def _seed_sqlite(deployment: LocalDeployment, sizes: Sequence[int]) -> int:
    file = deployment.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection:
        rooms = _column(connection, "SELECT id FROM chat_room WHERE key LIKE 'room-%' ORDER BY id")
        members = _column(connection, "SELECT id FROM chat_member ORDER BY id")
        for room, size in zip(rooms, sizes, strict=True):
            filled = {"room": room, "size": size, "first": members[0], "members": len(members)}
            connection.execute(_INSERT_SQLITE, filled | {"filler": " and so on" * 9})
            connection.execute(_HEAD_SQLITE, filled)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(file).stat().st_size


def _column(connection: sqlite3.Connection, query: str) -> list[int]:
    return [row[0] for row in connection.execute(query)]


def _ids(connection: psycopg.Connection[Any], query: str) -> list[int]:
    return [row[0] for row in connection.execute(query.encode())]
