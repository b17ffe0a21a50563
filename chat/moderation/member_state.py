"""What holds for one member now, and what an actor may do about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from ..accounts.models import Member
from ..accounts.permissions import Permission
from .authorization import Actor, any_member
from .models import Ban

# In the order of the profile card.
ACTS = {"mute": Permission.MUTE, "ban": Permission.BAN, "appoint": Permission.APPOINT}


@dataclass(frozen=True, slots=True)
class MemberState:
    """`banned` without a time: for good. `left`: the member gave the name back."""

    member: Member
    role: str | None
    muted_until: datetime | None
    banned: bool
    banned_until: datetime | None
    left: bool
    may: list[str]


def member_state(actor: Actor, member_id: int) -> MemberState:
    """Forbidden for those who may not mute; NotFound if there never was such a member."""
    actor.require(Permission.MUTE)
    member, now = any_member(member_id), timezone.now()
    until = member.muted_until
    bans = list(Ban.objects.in_force(now).filter(member=member).values_list("until", flat=True))
    return MemberState(
        member=member,
        role=member.office or None,
        muted_until=until if until and until > now else None,
        banned=bool(bans),
        banned_until=None if None in bans else max(filter(None, bans), default=None),
        left=member.released_at is not None,
        may=_may(actor, member),
    )


def _may(actor: Actor, member: Member) -> list[str]:
    if member.pk == actor.id:
        return []
    return [act for act, permission in ACTS.items() if actor.may(permission, member.role)]
