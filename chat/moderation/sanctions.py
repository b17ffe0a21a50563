"""Keeping someone quiet for a time, or out. Each is undone by its counterpart."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..accounts import change_numbers
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..errors import InvalidText, NotFound
from .authorization import Actor, clean_reason, record
from .models import AuditEntry, Ban

# A longer silence is a ban.
MUTE_MAX_SECONDS = 30 * 86_400
BAN_MAX_SECONDS = 10 * 366 * 86_400


def mute(*, actor: Actor, member: Member, seconds: int, reason: str) -> datetime:
    """The member writes nothing, anywhere, until the time that is returned."""
    until = timezone.now() + _period(seconds, MUTE_MAX_SECONDS)
    with transaction.atomic():
        member = _locked(member)
        actor.require(Permission.MUTE, member)
        _must_be_here(Member.objects.live().filter(pk=member.pk).update(muted_until=until))
        record(
            actor,
            AuditEntry.Action.MUTED,
            member=member,
            reason=reason,
            seconds=seconds,
            until=until.isoformat(),
        )
        change_numbers.record_moderation_change()
    return until


def unmute(*, actor: Actor, member: Member, reason: str = "") -> None:
    """The member may write again. Whoever is not muted stays so."""
    with transaction.atomic():
        member = _locked(member)
        actor.require(Permission.MUTE, member)
        if Member.objects.filter(pk=member.pk, muted_until__gt=timezone.now()).update(
            muted_until=None
        ):
            record(actor, AuditEntry.Action.UNMUTED, member=member, reason=reason)
            change_numbers.record_moderation_change()


def ban(
    *, actor: Actor, member: Member, seconds: int | None, reason: str, network: bool = False
) -> Ban:
    """End the member's sessions, and let them in no more for so long (None: for good).

    With `network`, nobody gets a new name from where the member was last seen either; those who
    are there already stay: an address may be a school's.
    """
    until = None if seconds is None else timezone.now() + _period(seconds, BAN_MAX_SECONDS)
    with transaction.atomic():
        member = _locked(member)
        actor.require(Permission.BAN, member)
        Member.objects.filter(pk=member.pk).update(session=F("session") + 1)
        placed = Ban.objects.create(
            member=member,
            address_hash=member.address_hash if network else "",
            reason=clean_reason(reason),
            until=until,
        )
        record(
            actor,
            AuditEntry.Action.BANNED,
            member=member,
            reason=reason,
            until=until.isoformat() if until else None,
            network=bool(placed.address_hash),
        )
        change_numbers.record_session_change(member.pk)
        change_numbers.record_moderation_change()
    return placed


def unban(*, actor: Actor, member: Member, reason: str = "") -> None:
    """Let the member in again: they join anew, and a guest's name is free for it."""
    now = timezone.now()
    with transaction.atomic():
        member = _locked(member)
        actor.require(Permission.BAN, member)
        if Ban.objects.in_force(now).filter(member=member).update(lifted_at=now):
            Member.objects.live().filter(pk=member.pk, kind=Member.Kind.GUEST).update(
                released_at=now
            )
            record(actor, AuditEntry.Action.UNBANNED, member=member, reason=reason)
            change_numbers.record_moderation_change()


def _locked(member: Member) -> Member:
    """The member as the database has it, held until the end of the transaction."""
    return Member.objects.select_for_update(no_key=True).get(pk=member.pk)


def _must_be_here(updated: int) -> None:
    if not updated:
        raise NotFound("This member has left.")


def _period(seconds: int, longest: int) -> timedelta:
    if not 0 < seconds <= longest:
        raise InvalidText(f"Give a time between a second and {longest // 86_400} days.")
    return timedelta(seconds=seconds)
