"""Reports: members ask moderators to look at a message."""

from django.db import transaction

from ..accounts import change_numbers
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..errors import InvalidText, NotFound
from ..messages.models import Message
from ..rooms import access
from ..rooms.models import Room
from . import message_moderation
from .audit import clean_reason, record
from .authorization import Actor
from .models import AuditEntry, Report, ReportQuerySet


def report(*, member: Member, room: Room, seq: int, reason: str) -> Report:
    """Report a message. A second report of the same member returns the first one."""
    reason = clean_reason(reason)
    if not reason:
        raise InvalidText("Say what is wrong with it.")
    Actor(member).require(Permission.REPORT)
    message = Message.objects.in_room(room.pk).filter(seq=seq, deleted_at=None).first()
    if message is None:
        raise NotFound(f"There is no message {seq} in this room.")
    with transaction.atomic():
        known, is_new = Report.objects.get_or_create(
            room=room,
            seq=seq,
            reporter=member,
            defaults={"author_id": message.author_id, "body": message.body, "reason": reason},
        )
        if is_new:
            change_numbers.record_moderation_change()
    return known


def open_to(member_id: int) -> ReportQuerySet:
    """The open reports in rooms that this member may see, the oldest first."""
    return Report.objects.open().filter(room__in=access.visible_to(member_id))


def waiting_for(member_id: int) -> int:
    """How many of them there are, counted up to WAITING_SHOWN + 1."""
    return open_to(member_id).waiting()


def dismiss(*, actor: Actor, report: Report, reason: str = "") -> None:
    """Leave the message as it is and close every report of it."""
    actor.require(Permission.REVIEW)
    with transaction.atomic():
        if message_moderation.close_reports(report.room, report.seq):
            record(
                actor,
                AuditEntry.Action.DISMISSED_REPORT,
                member=report.author,
                room=report.room,
                seq=report.seq,
                reason=reason,
            )
