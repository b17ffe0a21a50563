"""Invitations into the site, made by owners. An invitation to a room lets its people in, too."""

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.site_models import SiteInvitation
from .audit import record
from .authorization import Actor
from .invitation_links import DEFAULT_SECONDS, hash_of, is_valid, make_link, not_valid
from .models import AuditEntry


def create(
    *, actor: Actor, uses: int | None = None, seconds: int = DEFAULT_SECONDS
) -> tuple[SiteInvitation, str]:
    """A new invitation and its token, which is not stored: only its hash is."""
    actor.require(Permission.APPOINT)
    link = make_link(uses, seconds)
    with transaction.atomic():
        invitation = SiteInvitation.objects.create(
            token_hash=link.token_hash,
            creator=actor.member,
            expires_at=link.expires_at,
            uses_left=uses,
        )
        record(actor, AuditEntry.Action.INVITED, site_invitation=invitation.pk)
    return invitation, link.token


def listed() -> QuerySet[SiteInvitation]:
    """The valid ones, the newest first."""
    return _valid().select_related("creator").order_by("-pk")


def revoke(*, actor: Actor, invitation_id: int) -> None:
    """End an invitation. Twice does no harm."""
    actor.require(Permission.APPOINT)
    with transaction.atomic():
        fresh = SiteInvitation.objects.filter(pk=invitation_id, revoked_at=None)
        if fresh.update(revoked_at=timezone.now()):
            record(actor, AuditEntry.Action.REVOKED, site_invitation=invitation_id)


def revoke_made_by(member: Member) -> None:
    """End all that this member made: they are no owner any more."""
    mine = SiteInvitation.objects.filter(creator=member, revoked_at=None)
    mine.update(revoked_at=timezone.now())


def invitation_of(token: str) -> SiteInvitation:
    """The invitation of a link. NotFound if it is unknown, used, revoked or expired: all look the
    same.
    """
    found = _valid().filter(token_hash=hash_of(token)).first()
    if found is None:
        raise not_valid()
    return found


def use(token: str) -> None:
    """Of two who use it for the last time at once, one gets in."""
    mine = _valid().filter(token_hash=hash_of(token))
    if not mine.update(uses_left=F("uses_left") - 1):
        raise not_valid()


def _valid() -> QuerySet[SiteInvitation]:
    return SiteInvitation.objects.filter(is_valid())
