"""Posts: telling new ones from repeats, and giving them numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..errors import NotFound
from ..rooms.models import Room
from .models import Change, Message
from .operations import Operation, Post


def find_repeats(room: Room, intents: Sequence[Operation]) -> dict[tuple[int, str], Message]:
    """The messages that stand already under the keys of these posts. Ask under the room's lock."""
    by_author: dict[int, list[str]] = {}
    for intent in intents:
        if isinstance(intent, Post):
            by_author.setdefault(intent.author_id, []).append(intent.client_id)
    if not by_author:
        return {}
    # A query for each author, in one statement: for an OR of them SQLite may read the whole room.
    here = Message.objects.in_room(room.pk)
    theirs = [here.filter(author_id=key, client_id__in=ids) for key, ids in by_author.items()]
    known = theirs[0].union(*theirs[1:], all=True)
    return {(message.author_id, message.client_id): message for message in known}


def new_message(
    room: Room, post: Post, name: str, seq: int, now: datetime, held: Mapping[int, Message]
) -> Message:
    """The row for a post, under this number. NotFound if it answers what is not there."""
    if post.reply_to is not None and post.reply_to not in held:
        raise NotFound(f"There is no message {post.reply_to} to reply to.")
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
    """What was said at first, before any edit or deletion."""
    if message.edited_at is None and message.deleted_at is None:
        return message.body
    replacing = [Change.Kind.EDITED, Change.Kind.DELETED, Change.Kind.HIDDEN]
    changes = Change.objects.filter(message=message, kind__in=replacing)
    first = changes.order_by("seq").first()
    return str(first.replaced["body"]) if first and first.replaced else message.body
