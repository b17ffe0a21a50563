"""The fast path of the commit: one statement of PostgreSQL numbers and stores plain posts."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import IntegrityError
from msgspec import Struct
from psycopg.pq.abc import PGresult

from .. import protocol
from ..metrics import LOCK_SECONDS
from ..rooms import access
from ..rooms.models import Room
from .operations import Operation, Post
from .prepared_statements import Statement, execute
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
       (SELECT json_agg(author_name ORDER BY place) FROM said), posted FROM log
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


_names = msgspec.json.Decoder(list[str]).decode


class SingleStatementCommit:
    """Plain posts to one room as parameters of the statement, and its result as messages."""

    def __init__(self, room: Room, posts: Sequence[Post]) -> None:
        self._posts = posts
        self._uids = _random_uids(len(posts))
        rows = [
            _PostRow(uid, post.author_id, post.session, post.client_id, post.body)
            for uid, post in zip(self._uids, posts, strict=True)
        ]
        self.parameters: list[bytes] = [
            b"%d" % room.pk,
            b"%d" % len(posts),
            self._uids[-1].bytes.hex().encode(),
            msgspec.json.encode(rows),
            b"f" if access.is_for_everyone(room) else b"t",
        ]

    def posted(self, result: PGresult) -> Posted | None:
        """What the statement's one row says. None without a row: nothing was stored, because the
        room is closed or the session of an author has ended.
        """
        if not result.ntuples:
            return None
        head, head_id, epoch, at, waited, names, posted = (
            result.get_value(0, column) or b"" for column in range(7)
        )
        LOCK_SECONDS.observe(float(waited))
        created_at = _EPOCH + timedelta(microseconds=int(at))
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
                zip(self._uids, self._posts, _names(names), strict=True), int(head) + 1
            )
        ]
        previous_id = UUID(head_id.decode()) if head_id else None
        return Posted(epoch.decode(), previous_id, messages, int(posted) + len(messages))


def plain_posts(operations: Sequence[Operation]) -> list[Post] | None:
    """These operations if all are posts without a reply, which the statement can store."""
    posts = [op for op in operations if isinstance(op, Post) and op.reply_to is None]
    return posts if len(posts) == len(operations) else None


def commit_posts(room: Room, posts: Sequence[Post]) -> Posted | None:
    """Store these in one round trip on this thread's connection.

    None if nothing was stored: one of them is a repeat or refused by the database, the room is
    closed, or the session of an author has ended.
    """
    attempt = SingleStatementCommit(room, posts)
    try:
        return attempt.posted(execute(POST, attempt.parameters))
    except IntegrityError:
        return None


def _random_uids(count: int) -> list[UUID]:
    """So many UUIDs of version 4, from one system call."""
    random = os.urandom(16 * count)
    return [UUID(bytes=random[at : at + 16], version=4) for at in range(0, len(random), 16)]
