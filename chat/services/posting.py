"""Posts: telling new ones from repeats, and giving them numbers."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from weakref import WeakSet

import msgspec
import psycopg
from django.db import IntegrityError, connection
from django.db.models import Q
from django.utils import timezone
from msgspec import Struct
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from .. import protocol
from ..errors import NotFound
from ..models import Change, Message, Room
from ..tally import LOCK_SECONDS
from .intents import Intent, Post
from .reading import wire_message


def known_posts(room: Room, intents: Sequence[Intent]) -> dict[tuple[int, str], Message]:
    """The messages that stand already under the keys of these posts. Ask under the room's lock."""
    by_author: dict[int, list[str]] = {}
    for intent in intents:
        if isinstance(intent, Post):
            by_author.setdefault(intent.author_id, []).append(intent.client_id)
    if not by_author:
        return {}
    keys = Q()
    for author_id, client_ids in by_author.items():
        keys |= Q(author_id=author_id, client_id__in=client_ids)
    known = Message.objects.in_room(room.pk).filter(keys)
    return {(message.author_id, message.client_id): message for message in known}


def new_message(
    room: Room, post: Post, seq: int, now: datetime, held: Mapping[int, Message]
) -> Message:
    """The row for a post, under this number. NotFound if it answers what is not there."""
    if post.reply_to is not None and post.reply_to not in held:
        raise NotFound(f"There is no message {post.reply_to} to reply to.")
    return Message(
        room=room,
        seq=seq,
        updated_seq=seq,
        author_id=post.author_id,
        author_name=post.author_name,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
        created_at=now,
    )


def original_body(message: Message) -> str:
    """What was said at first, before any edit or deletion."""
    if message.edited_at is None and message.deleted_at is None:
        return message.body
    replacing = [Change.Kind.EDITED, Change.Kind.DELETED, Change.Kind.HIDDEN]
    changes = Change.objects.filter(message=message, kind__in=replacing)
    first = changes.order_by("seq").first()
    return str(first.replaced["body"]) if first and first.replaced else message.body


# --- The common case in one statement ---------------------------------------------------------

# Whoever waited for the lock gets the head as it is then, not as it was. A known key violates its
# constraint, and the whole statement, numbers included, never happened.
_POST_AT_ONCE = b"""
WITH log AS (
    SELECT head, head_id, epoch FROM chat_roomhead WHERE room_id = $1 FOR NO KEY UPDATE
), moved AS (
    UPDATE chat_roomhead SET head = log.head + $2, head_id = $3 FROM log WHERE room_id = $1
), posted AS (
    INSERT INTO chat_message
        (room_id, seq, updated_seq, uid, author_id, author_name, client_id, body, created_at)
    SELECT $1, head + place, head + place, uid, author_id, author_name, client_id, body, $4
    FROM log, ROWS FROM (json_to_recordset($5::json) AS
            (uid uuid, author_id bigint, author_name text, client_id text, body text))
         WITH ORDINALITY AS post(uid, author_id, author_name, client_id, body, place)
)
SELECT head, head_id, epoch,
       extract(epoch FROM clock_timestamp() - statement_timestamp())::float8 FROM log
"""
# The connections on which it is prepared, under this name.
_NAME = b"post_at_once"
_prepared: WeakSet[psycopg.Connection] = WeakSet()


def plain_posts(intents: Sequence[Intent]) -> list[Post] | None:
    """These, if they may be tried in one statement: plain posts, outside other transactions."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return None
    posts = [intent for intent in intents if isinstance(intent, Post) and intent.reply_to is None]
    return posts if len(posts) == len(intents) else None


class _Row(Struct):
    uid: UUID
    author_id: int
    author_name: str
    client_id: str
    body: str


def _row(uid: UUID, post: Post) -> _Row:
    return _Row(uid, post.author_id, post.author_name, post.client_id, post.body)


def _execute(
    connection: psycopg.Connection, parameters: Sequence[bytes]
) -> tuple[int, UUID | None, str, float]:
    """Run the statement by libpq itself: the log's head, its id and its epoch before, and how
    many seconds it waited for the lock.

    Django's cursor interpolates on the client and cannot prepare; psycopg's takes as long in
    Python as all else that a quiet node does for a message.
    """
    libpq = connection.pgconn
    if connection not in _prepared:
        _check(connection, libpq.prepare(_NAME, _POST_AT_ONCE))
        _prepared.add(connection)
    result = _check(connection, libpq.exec_prepared(_NAME, parameters))
    head, head_id, epoch, waited = (result.get_value(0, column) or b"" for column in range(4))
    return int(head), UUID(head_id.decode()) if head_id else None, epoch.decode(), float(waited)


def _check(connection: psycopg.Connection, result: PGresult) -> PGresult:
    if connection.pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(connection.pgconn.get_error_message())
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    return result


def _random_uids(count: int) -> list[UUID]:
    """So many UUIDs of version 4, for one call of the system."""
    random = os.urandom(16 * count)
    return [UUID(bytes=random[at : at + 16], version=4) for at in range(0, len(random), 16)]


def post_at_once(
    room: Room, posts: Sequence[Post]
) -> tuple[str, UUID | None, list[protocol.Message]] | None:
    """Number and store these in one round trip: the log's epoch, its head's id before, and
    the messages.

    None, with nothing stored, if one of them is a repeat or refused by the database.
    """
    now = timezone.now()
    uids = _random_uids(len(posts))
    parameters = [
        b"%d" % room.pk,
        b"%d" % len(posts),
        uids[-1].bytes.hex().encode(),
        now.isoformat().encode(),
        msgspec.json.encode(list(map(_row, uids, posts))),
    ]
    connection.ensure_connection()
    try:
        with connection.wrap_database_errors:
            head, head_id, epoch, lock_seconds = _execute(connection.connection, parameters)
    except IntegrityError:
        return None
    LOCK_SECONDS.observe(lock_seconds)
    return (
        epoch,
        head_id,
        [
            wire_message(
                uid, seq, seq, post.author_id, post.author_name, post.body, now, post.client_id
            )
            for seq, (uid, post) in enumerate(zip(uids, posts, strict=True), head + 1)
        ],
    )
