"""Edits, deletions, restorations and reactions. Each takes a number of the log."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext

from .. import bulk_sql
from ..accounts import carried_over
from ..errors import Forbidden, NotFound, TooLong
from ..rooms.models import Room
from .models import Change, Message
from .operations import Delete, Edit, Operation, Post, React, Restore

# The columns of a message that a change may set.
_CHANGED_COLUMNS = ["updated_seq", "body", "edited_at", "deleted_at", "reactions", "mentions"]


def targets(room: Room, operations: Sequence[Operation], floor: int = 0) -> dict[int, Message]:
    """The messages that these operations change or answer, by number. Call under the room's lock.

    Messages below the floor count as deleted, even while their rows still exist.
    """
    named = (op.reply_to if isinstance(op, Post) else op.seq for op in operations)
    # The floor is compared here: in the query, SQLite would read every row above it.
    seqs = {seq for seq in named if seq is not None and seq > floor}
    if not seqs:
        return {}
    messages = Message.objects.in_room(room.pk).filter(seq__in=seqs)
    return {message.seq: message for message in messages}


def apply(
    operation: Edit | Delete | Restore | React,
    name: str,
    message: Message,
    seq: int,
    now: datetime,
) -> Change | None:
    """Change the message in memory; the returned row holds the number. `name`: the actor's.

    None if the message is already in the wanted state, so that a repeat changes nothing.
    """
    match operation:
        case Edit():
            change = _edit(operation, message, now)
        case Delete():
            change = _delete(operation, message, now)
        case Restore():
            change = _restore(message, now)
        case React():
            change = _react(operation, name, message)
    if change is not None:
        change.room_id, change.seq, change.at = message.room_id, seq, now
        change.actor_id = operation.actor_id
        message.updated_seq = seq
    return change


def save(changed: Sequence[Change]) -> None:
    """Store the changes, and each changed message once, in its last state."""
    messages = {change.message_id: change.message for change in changed}
    # Not by `bulk_update`: building its statement takes far longer than running these.
    bulk_sql.updates(list(messages.values()), _CHANGED_COLUMNS).store()
    Change.objects.bulk_create(changed)


def _edit(edit: Edit, message: Message, now: datetime) -> Change | None:
    if message.deleted_at is not None:
        raise NotFound(gettext("This message was deleted."))
    if not carried_over.is_same(message.author_id, edit.actor_id):
        raise Forbidden(gettext("Only its author may edit a message."))
    if message.body == edit.body:
        return None
    change = Change(kind=Change.Kind.EDITED, message=message, replaced={"body": message.body})
    # Whom the new text names is asked by the commit; who was told of the old one was told.
    message.body, message.edited_at, message.mentions = edit.body, now, None
    return change


def _delete(delete: Delete, message: Message, now: datetime) -> Change | None:
    by_author = carried_over.is_same(message.author_id, delete.actor_id)
    if not by_author and not delete.moderator:
        raise Forbidden(gettext("Only its author may delete a message."))
    if message.deleted_at is not None:
        return None
    replaced = {"body": message.body, "reactions": message.reactions}
    kind = Change.Kind.DELETED if by_author else Change.Kind.HIDDEN
    change = Change(kind=kind, message=message, replaced=replaced)
    message.body, message.reactions, message.mentions = "", None, None
    message.deleted_at = now
    return change


def _restore(message: Message, now: datetime) -> Change | None:
    if message.deleted_at is None:
        return None
    removals = Change.objects.filter(
        message=message, kind__in=[Change.Kind.DELETED, Change.Kind.HIDDEN]
    )
    removal = removals.order_by("-seq").first()
    if removal is None or removal.kind != Change.Kind.HIDDEN or not removal.replaced:
        raise Forbidden(
            gettext("Its author took it back; only what a moderator deleted can be restored.")
        )
    days = settings.RESTORABLE_DAYS
    if now - message.deleted_at > timedelta(days=days):
        raise NotFound(gettext("It was deleted more than {days} days ago.").format(days=days))
    change = Change(kind=Change.Kind.RESTORED, message=message)
    message.body, message.reactions = removal.replaced["body"], removal.replaced["reactions"]
    message.deleted_at = None
    return change


def _react(react: React, name: str, message: Message) -> Change | None:
    if message.deleted_at is not None:
        raise NotFound(gettext("This message was deleted."))
    reactions = {
        reaction["emoji"]: list(reaction["members"]) for reaction in message.reactions or []
    }
    members = reactions.setdefault(react.emoji, [])
    others = [member for member in members if member["id"] != react.actor_id]
    if (len(others) < len(members)) == react.on:
        return None
    if react.on:
        _check_reaction_limits(reactions)
        others.append({"id": react.actor_id, "name": name})
    reactions[react.emoji] = others
    change = Change(
        kind=Change.Kind.REACTED,
        message=message,
        replaced={"emoji": react.emoji, "on": not react.on},
    )
    message.reactions = [
        {"emoji": emoji, "members": members} for emoji, members in reactions.items() if members
    ] or None
    return change


def _check_reaction_limits(reactions: dict[str, list[dict[str, object]]]) -> None:
    """TooLong if another reaction would exceed a limit."""
    if len(reactions) > settings.REACTION_MAX_EMOJI:
        raise TooLong(
            gettext("A message takes {limit} different emoji.").format(
                limit=settings.REACTION_MAX_EMOJI
            )
        )
    if sum(map(len, reactions.values())) >= settings.REACTION_MAX_TOTAL:
        raise TooLong(
            gettext("A message takes {limit} reactions.").format(limit=settings.REACTION_MAX_TOTAL)
        )
