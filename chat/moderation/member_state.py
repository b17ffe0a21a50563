"""What holds for one member now, on the site and in a room, and what an actor may do about it."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from ..accounts.models import Member, MemberBlock
from ..accounts.permissions import Permission
from ..errors import NotFound
from ..rooms import access
from ..rooms.models import LOBBY, Room
from .authorization import Actor, any_member
from .models import Ban

# In the order of the profile card.
ACTS = {"mute": Permission.MUTE, "ban": Permission.BAN, "appoint": Permission.APPOINT}


@dataclass(frozen=True, slots=True)
class MemberState:
    """`banned` without a time: for good. `left`: the member gave the name back."""

    member: Member
    role: str | None
    muted_until: datetime | None = None
    banned: bool = False
    banned_until: datetime | None = None
    left: bool = False
    may: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StateInRoom:
    """The member's role in a room, and what the actor may do there: `remove`, `appoint`."""

    role: str | None
    may: list[str]


def state_for(actor: Actor, member_id: int) -> MemberState:
    """As much of a member's state as this actor may know: others than moderators the role."""
    if actor.may(Permission.MUTE):
        return member_state(actor, member_id)
    member = any_member(member_id)
    if member.released_at is not None:
        raise NotFound(gettext("This member has left."))
    return MemberState(member, member.office or None)


def state_in(actor: Actor, member: Member, room: Room) -> StateInRoom:
    """What the member is in this room, which the actor sees."""
    found = access.membership(room, member.pk)
    if found is None:
        return StateInRoom(None, [])
    here, may = actor.in_room(room), []
    is_other = member.pk != actor.id and room.kind != Room.Kind.DIRECT
    role = access.role_in(room, member.pk, member.role)
    if is_other and room.key != LOBBY and here.may(Permission.MUTE, role):
        may.append("remove")
    if is_other and here.may(Permission.APPOINT):
        may.append("appoint")
    return StateInRoom(found.role, may)


def is_blocked_by(actor: Actor, member: Member) -> bool:
    return MemberBlock.objects.filter(member=actor.id, blocked=member).exists()


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
