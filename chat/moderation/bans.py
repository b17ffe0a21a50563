"""Bans: a banned member is signed out and cannot join again; new guests of their network neither,
if the ban says so.
"""

from django.db import transaction
from django.utils import timezone

from ..accounts import change_numbers, devices
from ..accounts.models import Member
from ..accounts.permissions import Permission
from .audit import clean_reason, record
from .authorization import Actor, duration, lock_member
from .models import AuditEntry, Ban

BAN_MAX_SECONDS = 10 * 366 * 86_400


def ban(
    *, actor: Actor, member: Member, seconds: int | None, reason: str, network: bool = False
) -> Ban:
    """End the member's sessions and refuse new ones for so long (None: for good).

    With `network`, nobody new can join from the network where the member was last seen. Members
    who are there already stay, because many people may share one address, as in a school.
    """
    until = None if seconds is None else timezone.now() + duration(seconds, BAN_MAX_SECONDS)
    with transaction.atomic():
        member = lock_member(member)
        actor.require(Permission.BAN, member)
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
        # Last, since it takes the lock of the numbers: what locks members comes before it.
        devices.sign_out_everywhere(member)
        change_numbers.record_moderation_change()
    return placed


def unban(*, actor: Actor, member: Member, reason: str = "") -> None:
    """Lift the member's bans. They have to join anew; a guest's name is free for that."""
    now = timezone.now()
    with transaction.atomic():
        member = lock_member(member)
        actor.require(Permission.BAN, member)
        if Ban.objects.in_force(now).filter(member=member).update(lifted_at=now):
            Member.objects.live().filter(pk=member.pk, kind=Member.Kind.GUEST).update(
                released_at=now
            )
            record(actor, AuditEntry.Action.UNBANNED, member=member, reason=reason)
            change_numbers.record_moderation_change()
