"""Deletion and restoration of messages by moderators. Both are changes in the room's log."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import carried_over, change_numbers
from ..accounts.permissions import Permission
from ..errors import NotFound
from ..messages import commit
from ..messages.models import Change, Message
from ..messages.operations import Delete, Restore
from ..rooms.models import Room
from .audit import record
from .authorization import Actor
from .models import AuditEntry, Report


def delete(*, actor: Actor, room: Room, seq: int, reason: str = "") -> commit.Accepted:
    """Delete a message: one's own, or as a moderator another's, which can be restored later."""
    message = _message(room, seq)
    if carried_over.is_same(message.author_id, actor.id):
        return commit.commit_operation(room, Delete(actor.id, seq))
    actor.require(Permission.DELETE, message.author, room)
    with transaction.atomic():
        accepted = commit.commit_operation(room, Delete(actor.id, seq, moderator=True))
        if accepted.is_new:
            record(
                actor,
                AuditEntry.Action.DELETED,
                member=message.author,
                room=room,
                seq=seq,
                reason=reason,
            )
        close_reports(room, seq)
    return accepted


def restore(*, actor: Actor, room: Room, seq: int, reason: str = "") -> commit.Accepted:
    """Undo a moderator's deletion. Forbidden if the author deleted the message."""
    message = _message(room, seq)
    actor.require(Permission.RESTORE)
    with transaction.atomic():
        accepted = commit.commit_operation(room, Restore(actor.id, seq))
        if accepted.is_new:
            record(
                actor,
                AuditEntry.Action.RESTORED,
                member=message.author,
                room=room,
                seq=seq,
                reason=reason,
            )
    return accepted


def restorable(room: Room, seqs: Collection[int]) -> list[int]:
    """Which of these messages `restore` accepts: a moderator deleted them within the time limit."""
    # A deleted message can only be restored, so its last change is its deletion.
    hidden = Change.objects.filter(
        room=room,
        kind=Change.Kind.HIDDEN,
        seq=F("message__updated_seq"),
        message__room=room,
        message__seq__in=seqs,
        message__deleted_at__gt=timezone.now() - timedelta(days=settings.RESTORABLE_DAYS),
    )
    found = hidden.exclude(replaced=None).order_by("message__seq")
    return list(found.values_list("message__seq", flat=True))


def close_reports(room: Room, seq: int) -> int:
    """Close all open reports of this message; returns how many there were."""
    reports = Report.objects.filter(room=room, seq=seq, closed_at=None)
    closed = reports.update(closed_at=timezone.now())
    if closed:
        change_numbers.record_moderation_change()
    return closed


def _message(room: Room, seq: int) -> Message:
    message = Message.objects.in_room(room.pk).filter(seq=seq).select_related("author").first()
    if message is None:
        raise NotFound(gettext("There is no message {number} in this room.").format(number=seq))
    # Its author is who they are now, with the role of now.
    message.author = carried_over.account_of(message.author)
    return message
