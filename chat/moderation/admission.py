"""Admission: bans keep people from joining, and a mute stays with the browser that got it."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import change_numbers, guests
from ..accounts.addresses import address_hash
from ..accounts.models import Member
from ..accounts.names import clean_name
from ..accounts.permissions import Permission
from ..accounts.sessions import Identity
from ..errors import Forbidden
from ..rooms.models import Room
from . import door
from .audit import record
from .authorization import SYSTEM, Actor
from .models import AuditEntry, Ban


class Arrival(NamedTuple):
    """A new guest; whether an invitation was used up for that, and the room to which it led."""

    member: Member
    is_invited: bool
    room: Room | None


def join(*, name: str, address: str = "", former: Identity | None = None) -> Member:
    """A new guest under this name, who shows nothing but the name."""
    return come_in(name=name, way=door.Way(), address=address, former=former).member


def come_in(
    *, name: str, way: door.Way, address: str = "", former: Identity | None = None
) -> Arrival:
    """A new guest under this name. Of two who ask at once, one gets NameRefused.

    `former` is the member that this browser was before. Forbidden if that member is banned, or the
    network of this address, or if the door is closed for this way. If `former` was muted, the new
    guest is muted too. The browser may take its own former name back.
    """
    if refusal := why_not_join(address=address, former=former):
        raise Forbidden(refusal)
    entry = door.check(way)
    clean_name(name)
    with transaction.atomic():
        member = guests.claim_name(name=name, address=address, former=former)
        if former is not None:
            _keep_muted(member, former.id)
        return Arrival(member, entry.uses_invitation, entry.use(member))


def why_not_join(*, address: str = "", former: Identity | None = None) -> str:
    """The ban of this network or of the browser's former member, in words; empty if none."""
    bans = Ban.objects.in_force(timezone.now())
    origin = address_hash(address)
    if origin and bans.filter(address_hash=origin).exists():
        return gettext("Nobody can join from your network at the moment.")
    if former is not None:
        ends = list(bans.filter(member=former.id).values_list("until", flat=True))
        if ends:
            return _ban_in_words(ends)
    return ""


def _ban_in_words(ends: list[datetime | None]) -> str:
    """With the latest of these times, if none of the bans is without an end."""
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return gettext("You are banned.")
    return gettext("You are banned until {time}.").format(time=f"{max(known):%H:%M UTC on %d %B}")


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


def is_muted_or_banned(member_id: int) -> bool:
    """Whether this member is muted or banned. Their browser must then keep its cookie."""
    now = timezone.now()
    return (
        Member.objects.filter(pk=member_id, muted_until__gt=now).exists()
        or Ban.objects.in_force(now).filter(member=member_id).exists()
    )


def sign_out(*, actor: Actor, member: Member, reason: str = "") -> None:
    """End all sessions of the member. Forbidden unless the actor may ban them."""
    with transaction.atomic():
        actor.require(Permission.BAN, member)
        guests.end_session(member=member)
        record(actor, AuditEntry.Action.SIGNED_OUT, member=member, reason=reason)
