"""Direct messages: who may open a direct room with whom."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts.models import Member, MemberBlock
from ..errors import Forbidden, InvalidText, NotFound, RateLimited
from ..rooms import direct_rooms
from ..rooms.models import Room
from . import guest_limits

_DAY = timedelta(days=1)


def open_for(opener: Member, member_ids: Collection[int]) -> Room:
    """The direct room of these members and the opener.

    Forbidden between two of whom one has blocked the other.
    """
    guest_limits.check(opener)
    others = set(member_ids) - {opener.pk}
    if not others:
        raise InvalidText(gettext("Choose someone to write to."))
    if len(others) + 1 > settings.DIRECT_MEMBERS_MAX:
        words = gettext(
            "A direct conversation has at most {count} members. Make a private room instead."
        )
        raise Forbidden(words.format(count=settings.DIRECT_MEMBERS_MAX))
    names = dict(Member.objects.live().filter(pk__in=others).values_list("pk", "name"))
    if len(names) < len(others):
        raise NotFound(gettext("There is no such member."))
    _require_not_apart(opener, names)
    _check_pace(opener)
    return direct_rooms.open_for(opener, others)


def _require_not_apart(opener: Member, names: dict[int, str]) -> None:
    mine = MemberBlock.objects.filter(member=opener, blocked__in=names)
    if (blocked := mine.values_list("blocked", flat=True).first()) is not None:
        words = gettext("You blocked {name}. Unblock them first.")
        raise Forbidden(words.format(name=names[blocked]))
    theirs = MemberBlock.objects.filter(member__in=names, blocked=opener)
    if (blocker := theirs.values_list("member", flat=True).first()) is not None:
        words = gettext("{name} does not take direct messages from you.")
        raise Forbidden(words.format(name=names[blocker]))


def _check_pace(opener: Member) -> None:
    today = Room.objects.filter(
        created_by=opener, kind=Room.Kind.DIRECT, created_at__gt=timezone.now() - _DAY
    )
    most = settings.DIRECTS_PER_DAY
    if settings.RATE_LIMITS and today.count() >= most:
        raise RateLimited(
            gettext("You may begin {count} direct conversations a day. Try again tomorrow.").format(
                count=most
            ),
            retry_ms=int(_DAY.total_seconds() * 1000),
        )
