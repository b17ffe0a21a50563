"""Reports: members ask moderators to look at a message.

Those of the site review the reports of every room that they see; those who run a room review its
own. Nobody hears of a report in a room that they may not see.
"""

from django.db import transaction
from django.utils.translation import gettext

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
        raise InvalidText(gettext("Say what is wrong with it."))
    Actor(member).require(Permission.REPORT)
    message = Message.objects.in_room(room.pk).filter(seq=seq, deleted_at=None).first()
    if message is None:
        raise NotFound(gettext("There is no message {number} in this room.").format(number=seq))
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


def require_reviewer(member: Member) -> None:
    """Forbidden for those who review the reports of no room."""
    if not access.run_by(member.pk).exists():
        Actor(member).require(Permission.REVIEW)


def open_to(member: Member) -> ReportQuerySet:
    """The open reports that this member may review, the oldest first."""
    sees_all = Actor(member).may(Permission.REVIEW)
    rooms = access.visible_to(member.pk) if sees_all else access.run_by(member.pk)
    return Report.objects.open().filter(room__in=rooms)


def waiting_for(member: Member) -> int:
    """How many of them there are, counted up to WAITING_SHOWN + 1."""
    return open_to(member).waiting()


def find(member_id: int, report_id: int) -> Report:
    """NotFound unless there is this report, in a room that the member may see."""
    known = Report.objects.filter(room__in=access.visible_to(member_id))
    report = known.select_related("room", "author").filter(pk=report_id).first()
    if report is None:
        raise NotFound(gettext("There is no such report."))
    return report


def dismiss(*, actor: Actor, report: Report, reason: str = "") -> None:
    """Leave the message as it is and close every report of it."""
    actor.in_room(report.room).require(Permission.REVIEW)
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


def reopen(*, actor: Actor, report: Report) -> None:
    """Put the message back into the queue, with every report that was closed along with this one.

    Nothing is recorded where the report is open.
    """
    actor.in_room(report.room).require(Permission.REVIEW)
    with transaction.atomic():
        together = Report.objects.filter(
            room=report.room, seq=report.seq, closed_at=report.closed_at
        )
        if together.exclude(closed_at=None).update(closed_at=None):
            record(
                actor,
                AuditEntry.Action.REOPENED_REPORT,
                member=report.author,
                room=report.room,
                seq=report.seq,
            )
            change_numbers.record_moderation_change()
