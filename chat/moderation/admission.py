"""Who may come in: bans, and mutes that stay with a browser."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..accounts import change_numbers, guests
from ..accounts.addresses import address_hash
from ..accounts.models import Member
from ..accounts.names import clean_name
from ..accounts.permissions import Permission
from ..accounts.sessions import Identity
from ..errors import Forbidden
from .authorization import SYSTEM, Actor, record
from .models import AuditEntry, Ban


def join(*, name: str, address: str = "", former: Identity | None = None) -> Member:
    """A guest under this name. Of two who ask at once one gets it; the other, NameRefused.

    Forbidden where the network of this address is banned, or the member `former` that this browser
    was. Whoever it was stays muted under the new name, and may take their own name back.
    """
    clean_name(name)
    if refusal := why_not_join(address=address, former=former):
        raise Forbidden(refusal)
    with transaction.atomic():
        member = guests.claim_name(name=name, address=address, former=former)
        if former is not None:
            _keep_muted(member, former.id)
        return member


def why_not_join(*, address: str = "", former: Identity | None = None) -> str:
    """Which ban keeps this network, or whoever this browser was, from joining; empty if none."""
    bans = Ban.objects.in_force(timezone.now())
    origin = address_hash(address)
    if origin and bans.filter(address_hash=origin).exists():
        return "Nobody can join from your network at the moment."
    if former is not None:
        ends = list(bans.filter(member=former.id).values_list("until", flat=True))
        if ends:
            return f"You are banned{_until(ends)}."
    return ""


def _until(moments: list[datetime | None]) -> str:
    """The last of these, in words; one without an end has no last."""
    known = [moment for moment in moments if moment is not None]
    return f" until {max(known):%H:%M UTC on %d %B}" if len(known) == len(moments) else ""


def _keep_muted(member: Member, former_id: int) -> None:
    former = Member.objects.filter(pk=former_id, muted_until__gt=timezone.now()).first()
    if former is None or former.muted_until is None:
        return
    member.muted_until = former.muted_until
    member.save(update_fields=["muted_until"])
    record(
        SYSTEM,
        AuditEntry.Action.MUTED,
        member=member,
        reason=f"Came back after leaving as {former.name}.",
        until=former.muted_until.isoformat(),
    )
    change_numbers.record_moderation_change()


def is_bound(member_id: int) -> bool:
    """Whether this member is muted or banned, so that their browser had better not forget them."""
    now = timezone.now()
    return (
        Member.objects.filter(pk=member_id, muted_until__gt=now).exists()
        or Ban.objects.in_force(now).filter(member=member_id).exists()
    )


def sign_out(*, actor: Actor, member: Member, reason: str = "") -> None:
    """The same, by someone who may."""
    with transaction.atomic():
        actor.require(Permission.BAN, member)
        guests.end_session(member=member)
        record(actor, AuditEntry.Action.SIGNED_OUT, member=member, reason=reason)
