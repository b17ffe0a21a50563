"""The queue of reports: each reported message once, with what was said around it."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from ..accounts.models import Member
from ..messages.history import PAGE_BYTES
from ..messages.models import Message
from ..protocol import Complaint, Excerpt, MemberRef, ReportedMessage, encode
from . import reports
from .models import Report, ReportQuerySet

PAGE_SIZE = 10
# Messages shown before and after the reported one.
NEIGHBOURS = 2
# A neighbour shows this much of its text.
EXCERPT_LENGTH = 200
# The reported message shows this much.
BODY_LENGTH = 1000
COMPLAINTS_SHOWN = 5


def load(member: Member, after: int | None = None) -> tuple[list[ReportedMessage], bool]:
    """A page of the queue, the longest waiting first, and whether there are more.

    Forbidden for those who may not review reports. `after` is a report's number.
    """
    reports.require_reviewer(member)
    firsts = list(_first_of_each_message(member, after)[: PAGE_SIZE + 1])
    page = firsts[:PAGE_SIZE]
    complaints = _complaints(page)
    found = [_reported(first, complaints[first.room_id, first.seq]) for first in page]
    shown = found[: _count_for_frame(found)]
    return shown, len(firsts) > len(shown)


def _count_for_frame(found: list[ReportedMessage]) -> int:
    """How many of these one frame can carry; at least one."""
    size = 0
    for count, reported in enumerate(found):
        size += len(encode(reported))
        if size > PAGE_BYTES and count:
            return count
    return len(found)


def _first_of_each_message(member: Member, after: int | None) -> ReportQuerySet:
    """The oldest open report of each message that this member may see, in order."""
    open_reports = reports.open_to(member)
    older = Report.objects.filter(
        Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk")),
        room=OuterRef("room"),
        seq=OuterRef("seq"),
        closed_at=None,
    )
    firsts = open_reports.filter(~Exists(older)).select_related("room", "author")
    if after is not None and (last := Report.objects.filter(pk=after).first()):
        firsts = firsts.filter(Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk))
    return firsts


def _complaints(page: Iterable[Report]) -> dict[tuple[int, int], list[Report]]:
    """All open reports of these messages."""
    messages = [Q(room=first.room_id, seq=first.seq) for first in page]
    found: dict[tuple[int, int], list[Report]] = {}
    if messages:
        same = Report.objects.open().filter(reduce(or_, messages))
        for report in same.select_related("reporter"):
            found.setdefault((report.room_id, report.seq), []).append(report)
    return found


def _reported(first: Report, all_of_it: list[Report]) -> ReportedMessage:
    message, before, after = _in_context(first)
    return ReportedMessage(
        report=first.pk,
        room=first.room.key,
        room_name=first.room.name,
        seq=first.seq,
        author=MemberRef(first.author_id, first.author.name),
        body=_cut(first.body, BODY_LENGTH),
        message=message,
        before=before,
        after=after,
        complaints=[
            Complaint(MemberRef(one.reporter_id, one.reporter.name), one.reason, one.at)
            for one in all_of_it[:COMPLAINTS_SHOWN]
        ],
        count=len(all_of_it),
    )


def _in_context(report: Report) -> tuple[Excerpt | None, list[Excerpt], list[Excerpt]]:
    """The message as it is now, and its neighbours on both sides."""
    log = Message.objects.in_room(report.room_id).select_related("author")
    upto = list(log.filter(seq__lte=report.seq).order_by("-seq")[: NEIGHBOURS + 1])
    after = list(log.filter(seq__gt=report.seq).order_by("seq")[:NEIGHBOURS])
    is_there = bool(upto) and upto[0].seq == report.seq
    before = (upto[1:] if is_there else upto[:NEIGHBOURS])[::-1]
    now = _excerpt(upto[0], BODY_LENGTH) if is_there else None
    return now, [_excerpt(one) for one in before], [_excerpt(one) for one in after]


def _excerpt(message: Message, length: int = EXCERPT_LENGTH) -> Excerpt:
    deleted = message.deleted_at is not None
    return Excerpt(
        seq=message.seq,
        author=MemberRef(message.author_id, message.author.name),
        body="" if deleted else _cut(message.body, length),
        created_at=message.created_at,
        deleted=deleted,
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"
