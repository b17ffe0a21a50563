"""Messages that a moderator takes down, and puts up again. The log keeps both as changes."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..errors import NotFound
from ..models import AuditEntry, Change, Message, Power, Report, Room
from . import log, standing
from .acting import Actor, record
from .intents import Delete, Restore


def delete(*, actor: Actor, room: Room, seq: int, reason: str = "") -> log.Accepted:
    """Delete a message, one's own or another's; what others said can be restored for a time."""
    message = _message(room, seq)
    if message.author_id == actor.id:
        return log.commit_one(room, Delete(actor.id, seq))
    actor.demand(Power.DELETE, message.author)
    with transaction.atomic():
        accepted = log.commit_one(room, Delete(actor.id, seq, moderator=True))
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


def restore(*, actor: Actor, room: Room, seq: int, reason: str = "") -> log.Accepted:
    """Undo a moderator's deletion. What its author took back stays so."""
    message = _message(room, seq)
    actor.demand(Power.RESTORE)
    with transaction.atomic():
        accepted = log.commit_one(room, Restore(actor.id, seq))
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
    """Which of these messages `restore` would bring back now: a moderator deleted them, lately."""
    # Nothing changes a deleted message but its restoring: its last change is its deletion.
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
    """Nobody needs to look at this message any more; how many had asked for it."""
    reports = Report.objects.filter(room=room, seq=seq, closed_at=None)
    closed = reports.update(closed_at=timezone.now())
    if closed:
        standing.changed()
    return closed


def _message(room: Room, seq: int) -> Message:
    message = Message.objects.in_room(room.pk).filter(seq=seq).select_related("author").first()
    if message is None:
        raise NotFound(f"There is no message {seq} in this room.")
    return message
