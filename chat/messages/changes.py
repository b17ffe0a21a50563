"""Changes to what was said: edits, deletions, reactions … Each takes a number of the log."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from .. import bulk_sql
from ..errors import Forbidden, NotFound, TooLong
from ..rooms.models import Room
from .models import Change, Message
from .operations import Delete, Edit, Operation, Post, React, Restore

# What a change may change of its message.
_STATE = ["updated_seq", "body", "edited_at", "deleted_at", "reactions"]


def targets(room: Room, intents: Sequence[Operation], floor: int = 0) -> dict[int, Message]:
    """The messages that these intents change or answer, by number. Ask under the room's lock.

    What lies below the floor is as good as gone, if its row is still there or not.
    """
    named = (intent.reply_to if isinstance(intent, Post) else intent.seq for intent in intents)
    # Compared here: given both, SQLite would read all that lies above the floor.
    seqs = {seq for seq in named if seq is not None and seq > floor}
    if not seqs:
        return {}
    messages = Message.objects.in_room(room.pk).filter(seq__in=seqs)
    return {message.seq: message for message in messages}


def apply(
    intent: Edit | Delete | Restore | React, name: str, message: Message, seq: int, now: datetime
) -> Change | None:
    """Change the message in memory and return the row that holds the number; `name` is its actor's.

    None where the message already is as wanted: asking twice changes once.
    """
    match intent:
        case Edit():
            change = _edit(intent, message, now)
        case Delete():
            change = _delete(intent, message, now)
        case Restore():
            change = _restore(message, now)
        case React():
            change = _react(intent, name, message)
    if change is not None:
        change.room_id, change.seq, change.at = message.room_id, seq, now
        change.actor_id = intent.actor_id
        message.updated_seq = seq
    return change


def save(changed: Sequence[Change]) -> None:
    """Store the changes, and each message once in its last state."""
    messages = {change.message_id: change.message for change in changed}
    # Not `bulk_update`, whose one statement takes five times as long to be made as these to run.
    bulk_sql.changed(list(messages.values()), _STATE).store()
    Change.objects.bulk_create(changed)


def _edit(intent: Edit, message: Message, now: datetime) -> Change | None:
    if message.deleted_at is not None:
        raise NotFound("This message was deleted.")
    if message.author_id != intent.actor_id:
        raise Forbidden("Only its author may edit a message.")
    if message.body == intent.body:
        return None
    change = Change(kind=Change.Kind.EDITED, message=message, replaced={"body": message.body})
    message.body, message.edited_at = intent.body, now
    return change


def _delete(intent: Delete, message: Message, now: datetime) -> Change | None:
    if message.author_id != intent.actor_id and not intent.moderator:
        raise Forbidden("Only its author may delete a message.")
    if message.deleted_at is not None:
        return None
    replaced = {"body": message.body, "reactions": message.reactions}
    by_author = message.author_id == intent.actor_id
    kind = Change.Kind.DELETED if by_author else Change.Kind.HIDDEN
    change = Change(kind=kind, message=message, replaced=replaced)
    message.body, message.reactions, message.deleted_at = "", None, now
    return change


def _restore(message: Message, now: datetime) -> Change | None:
    if message.deleted_at is None:
        return None
    removals = Change.objects.filter(
        message=message, kind__in=[Change.Kind.DELETED, Change.Kind.HIDDEN]
    )
    removal = removals.order_by("-seq").first()
    if removal is None or removal.kind != Change.Kind.HIDDEN or not removal.replaced:
        raise Forbidden("Its author took it back; only what a moderator deleted can be restored.")
    days = settings.RESTORABLE_DAYS
    if now - message.deleted_at > timedelta(days=days):
        raise NotFound(f"It was deleted more than {days} days ago.")
    change = Change(kind=Change.Kind.RESTORED, message=message)
    message.body, message.reactions = removal.replaced["body"], removal.replaced["reactions"]
    message.deleted_at = None
    return change


def _react(intent: React, name: str, message: Message) -> Change | None:
    if message.deleted_at is not None:
        raise NotFound("This message was deleted.")
    reactions = {
        reaction["emoji"]: list(reaction["members"]) for reaction in message.reactions or []
    }
    members = reactions.setdefault(intent.emoji, [])
    others = [member for member in members if member["id"] != intent.actor_id]
    if (len(others) < len(members)) == intent.on:
        return None
    if intent.on:
        _check_room_for_one_more(reactions)
        others.append({"id": intent.actor_id, "name": name})
    reactions[intent.emoji] = others
    change = Change(
        kind=Change.Kind.REACTED,
        message=message,
        replaced={"emoji": intent.emoji, "on": not intent.on},
    )
    message.reactions = [
        {"emoji": emoji, "members": members} for emoji, members in reactions.items() if members
    ] or None
    return change


def _check_room_for_one_more(reactions: dict[str, list[dict[str, object]]]) -> None:
    if len(reactions) > settings.REACTION_MAX_EMOJI:
        raise TooLong(f"A message takes {settings.REACTION_MAX_EMOJI} different emoji.")
    if sum(map(len, reactions.values())) >= settings.REACTION_MAX_TOTAL:
        raise TooLong(f"A message takes {settings.REACTION_MAX_TOTAL} reactions.")
