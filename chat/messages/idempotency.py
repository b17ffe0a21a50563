"""Idempotent posts: a repeat of a `client_id` gets the first answer; only a new post is stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext

from ..errors import NotFound
from ..rooms.models import Room
from .models import Change, Message
from .operations import Operation, Post


def find_repeats(room: Room, operations: Sequence[Operation]) -> dict[tuple[int, str], Message]:
    """Messages that are stored under the keys (author, client_id) of these posts.

    Call it under the room's lock: otherwise another commit may store one of them meanwhile.
    """
    by_author: dict[int, list[str]] = {}
    for operation in operations:
        if isinstance(operation, Post):
            by_author.setdefault(operation.author_id, []).append(operation.client_id)
    if not by_author:
        return {}
    # A union of one query per author: for an OR of them SQLite may read the whole room.
    here = Message.objects.in_room(room.pk)
    theirs = [here.filter(author_id=key, client_id__in=ids) for key, ids in by_author.items()]
    known = theirs[0].union(*theirs[1:], all=True)
    return {(message.author_id, message.client_id): message for message in known}


def new_message(
    room: Room, post: Post, name: str, seq: int, now: datetime, targets: Mapping[int, Message]
) -> Message:
    """The row for a post, under this number. NotFound if the message it replies to is missing."""
    if post.reply_to is not None and post.reply_to not in targets:
        raise NotFound(
            gettext("There is no message {number} to reply to.").format(number=post.reply_to)
        )
    return Message(
        room=room,
        seq=seq,
        updated_seq=seq,
        author_id=post.author_id,
        author_name=name,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
        created_at=now,
    )


def original_body(message: Message) -> str:
    """The text as it was posted, before any edit or deletion."""
    if message.edited_at is None and message.deleted_at is None:
        return message.body
    replacing = [Change.Kind.EDITED, Change.Kind.DELETED, Change.Kind.HIDDEN]
    changes = Change.objects.filter(message=message, kind__in=replacing)
    first = changes.order_by("seq").first()
    return str(first.replaced["body"]) if first and first.replaced else message.body
