"""Mutes: a muted member reads, but writes nothing in any room, until a given time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import change_numbers
from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..errors import NotFound
from .audit import record
from .authorization import Actor, duration, lock_member
from .models import AuditEntry

# Keeping someone from writing for longer takes a ban.
MUTE_MAX_SECONDS = 30 * 86_400


def mute(*, actor: Actor, member: Member, seconds: int, reason: str) -> datetime:
    """Keep the member from writing until the time that is returned. NotFound if they have left."""
    until = timezone.now() + duration(seconds, MUTE_MAX_SECONDS)
    with transaction.atomic():
        member = lock_member(member)
        actor.require(Permission.MUTE, member)
        if not Member.objects.live().filter(pk=member.pk).update(muted_until=until):
            raise NotFound(gettext("This member has left."))
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
    """Let the member write again. Nothing is recorded for a member who is not muted."""
    with transaction.atomic():
        member = lock_member(member)
        actor.require(Permission.MUTE, member)
        if Member.objects.filter(pk=member.pk, muted_until__gt=timezone.now()).update(
            muted_until=None
        ):
            record(actor, AuditEntry.Action.UNMUTED, member=member, reason=reason)
            change_numbers.record_moderation_change()
