"""Carrying over: who signs in to an account takes along what they said in this browser as a guest.

Both are proved: the account by signing in, the guest by the session that this browser had until
then. What holds against the guest holds against the account afterwards.
"""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import change_numbers, guests, profile
from ..accounts.account_models import CarriedOver
from ..accounts.models import Member, MemberBlock
from ..accounts.permissions import higher
from ..accounts.sessions import Identity
from ..errors import Forbidden, NotFound
from ..messages import inbox
from ..messages.models import Message
from ..rooms import direct_rooms
from ..rooms.models import Membership, ReadMark, Room
from . import roles
from .audit import record
from .authorization import SYSTEM, Actor, in_session
from .models import AuditEntry, Ban

# Counting stops here: with more, nobody needs the exact number.
COUNTED = 10_000
_RANKS = {role.value: rank for rank, role in enumerate(reversed(Membership.Role))}


class Offer(NamedTuple):
    """Whose messages, how many (counted up to COUNTED + 1), and in how many rooms."""

    guest: Member
    messages: int
    rooms: int


def offer(guest: Identity) -> Offer | None:
    """What the guest of this session has said; None if there is nothing, or no such session."""
    member = Member.objects.live().filter(pk=guest.id, session=guest.session).first()
    if member is None or member.kind != Member.Kind.GUEST:
        return None
    said = Message.objects.filter(author=member)
    messages = len(said.values_list("pk")[: COUNTED + 1])
    joined = Membership.objects.filter(member=member).exists()
    if not messages and not joined:
        return None
    return Offer(member, messages, said.values("room").distinct().count())


def carry_over(*, account: Member, guest: Identity) -> None:
    """What the guest said, joined and read is the account's from now on. Doing it twice does no
    harm. NotFound if the guest's session has ended meanwhile; Forbidden if the guest is banned.
    """
    with in_session(account.pk, account.session, guest.id) as me:
        if CarriedOver.objects.filter(guest=guest.id, account=me.pk).exists():
            return
        former = Member.objects.live().filter(pk=guest.id, session=guest.session).first()
        if former is None or former.kind != Member.Kind.GUEST or me.kind != Member.Kind.ACCOUNT:
            raise NotFound(gettext("There is nothing to carry over any more."))
        if Ban.objects.in_force(timezone.now()).filter(member=former).exists():
            raise Forbidden(gettext("What a banned guest said cannot be carried over."))
        CarriedOver.objects.create(guest=former, account=me)
        _carry_restrictions(me, former)
        _carry_markers(me, former)
        inbox.carry_over(me.pk, former.pk)
        Room.objects.filter(created_by=former).update(created_by=me)
        moved = _carry_memberships(me, former)
        _carry_role(me, former)
        profile.note_former_name(me.pk, former.name)
        record(
            Actor(me),
            AuditEntry.Action.CARRIED_OVER,
            member=former,
            name=former.name,
            guest=former.pk,
        )
        guests.leave(member=former)
        Member.objects.filter(pk=former.pk).update(
            name=me.name, canonical_name=me.canonical_name, address_hash=""
        )
        change_numbers.record_moderation_change()
        change_numbers.record_access_changes(
            (room, member) for room in moved for member in (former.pk, me.pk)
        )


def _carry_role(me: Member, former: Member) -> None:
    if former.office and higher(me.role, former.role) != me.role:
        reason = f"Carried over from guest {former.pk}."
        roles.appoint(actor=SYSTEM, member=me, role=former.office, reason=reason)


def _carry_restrictions(me: Member, former: Member) -> None:
    """A mute goes on, and who blocked the guest has blocked the account."""
    ends = [end for end in (me.muted_until, former.muted_until) if end is not None]
    if ends:
        Member.objects.filter(pk=me.pk).update(muted_until=max(ends))
    for block in MemberBlock.objects.filter(blocked=former).exclude(member=me):
        MemberBlock.objects.get_or_create(member=block.member, blocked=me)
    for block in MemberBlock.objects.filter(member=former).exclude(blocked=me):
        MemberBlock.objects.get_or_create(member=me, blocked=block.blocked)


def _carry_markers(me: Member, former: Member) -> None:
    """The further one counts."""
    mine = {mark.room_id: mark for mark in ReadMark.objects.filter(member=me)}
    now = timezone.now()
    for mark in ReadMark.objects.filter(member=former):
        known = mine.get(mark.room_id)
        if known is None:
            ReadMark.objects.filter(pk=mark.pk).update(member=me, moved_at=now)
        elif known.seq < mark.seq:
            ReadMark.objects.filter(pk=known.pk).update(
                seq=mark.seq, posted=mark.posted, moved_at=now
            )


def _carry_memberships(me: Member, former: Member) -> list[int]:
    """The rooms whose memberships changed."""
    mine = {one.room_id: one for one in Membership.objects.filter(member=me)}
    theirs = list(Membership.objects.filter(member=former).select_related("room"))
    for one in theirs:
        known = mine.get(one.room_id)
        if known is None:
            Membership.objects.filter(pk=one.pk).update(member=me)
        else:
            role = max(known.role, one.role, key=_RANKS.__getitem__)
            Membership.objects.filter(pk=known.pk).update(role=role)
            Membership.objects.filter(pk=one.pk).delete()
    for one in theirs:
        if one.room.kind == Room.Kind.DIRECT:
            direct_rooms.hand_over(one.room, former.pk, me.pk)
    return sorted(one.room_id for one in theirs)
