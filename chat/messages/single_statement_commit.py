"""The fast path of the commit: one statement of PostgreSQL numbers and stores plain posts."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from .. import protocol
from ..database_connections import Statement
from ..metrics import LOCK_SECONDS
from ..rooms import access
from ..rooms.models import Room
from .operations import Post
from .wire_messages import wire_message

# FOR NO KEY UPDATE reads the head again after waiting for the lock. The time is taken after the
# lock, and is never before the last one, even if a clock goes back. A repeated key violates its
# constraint, which undoes the whole statement with its numbers. Nothing is stored if the room is
# gone, or was public when the posts were sent ($5 is false) and is not any more, or if an author
# has no such session, and therefore no name here.
POST = Statement(
    "commit_batch",
    b"""
WITH said AS MATERIALIZED (
    SELECT uid, author_id, client_id, body, place,
           (SELECT name FROM chat_member AS author
            WHERE author.id = author_id AND author.session = coalesce(post.session, author.session)
           ) AS author_name
    FROM ROWS FROM (json_to_recordset($4::json) AS
            (uid uuid, author_id bigint, session integer, client_id text, body text))
         WITH ORDINALITY AS post(uid, author_id, session, client_id, body, place)
), locked AS (
    SELECT head, head_id, epoch, last_at, posted FROM chat_roomhead
    WHERE room_id = $1 AND ($5 OR EXISTS (
        SELECT FROM chat_room WHERE id = $1 AND kind = 'public'
    )) AND NOT EXISTS (SELECT FROM said WHERE author_name IS NULL) FOR NO KEY UPDATE
), log AS MATERIALIZED (
    SELECT head, head_id, epoch, posted, greatest(clock_timestamp(), last_at) AS at FROM locked
), moved AS (
    UPDATE chat_roomhead
    SET head = log.head + $2, head_id = $3, last_at = log.at, posted = log.posted + $2
    FROM log WHERE room_id = $1
), posted AS (
    INSERT INTO chat_message
        (room_id, seq, updated_seq, uid, author_id, author_name, client_id, body, created_at)
    SELECT $1, head + place, head + place, uid, author_id, author_name, client_id, body, at
    FROM log, said
)
SELECT head, head_id, epoch, (extract(epoch FROM at) * 1000000)::bigint,
       extract(epoch FROM clock_timestamp() - statement_timestamp())::float8,
       (SELECT array_agg(author_name::text ORDER BY place) FROM said), posted FROM log
""",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored messages in order, the log's epoch, and the id at its head before them."""

    epoch: str
    previous_id: UUID | None
    messages: list[protocol.WireMessage]
    # How many messages the room has had, these included.
    posted: int


class _PostRow(Struct):
    uid: UUID
    author_id: int
    session: int | None
    client_id: str
    body: str


class SingleStatementCommit:
    """Plain posts to one room as parameters of the statement, and its row as messages.

    There is no row if nothing was stored: the room is closed, or an author's session has ended. If
    one of the posts is a repeat, or refused by the database, the statement fails.
    """

    def __init__(self, room: Room, posts: Sequence[Post]) -> None:
        self._posts = posts
        self._uids = _random_uids(len(posts))
        rows = [
            _PostRow(uid, post.author_id, post.session, post.client_id, post.body)
            for uid, post in zip(self._uids, posts, strict=True)
        ]
        self.parameters = [
            str(room.pk),
            str(len(posts)),
            str(self._uids[-1]),
            msgspec.json.encode(rows).decode(),
            "f" if access.is_for_everyone(room) else "t",
        ]

    def posted(self, row: tuple[Any, ...]) -> Posted:
        """What the statement's row says."""
        head, head_id, epoch, at, waited, names, posted = row
        LOCK_SECONDS.observe(waited)
        created_at = _EPOCH + timedelta(microseconds=at)
        messages = [
            wire_message(
                uid,
                seq,
                seq,
                post.author_id,
                name,
                post.body,
                created_at,
                post.client_id,
            )
            for seq, (uid, post, name) in enumerate(
                zip(self._uids, self._posts, names, strict=True), head + 1
            )
        ]
        return Posted(epoch, head_id, messages, posted + len(messages))


def _random_uids(count: int) -> list[UUID]:
    """So many UUIDs of version 4, from one system call."""
    random = os.urandom(16 * count)
    return [UUID(bytes=random[at : at + 16], version=4) for at in range(0, len(random), 16)]
