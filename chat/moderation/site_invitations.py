"""Invitations into the site, made by owners. An invitation to a room lets its people in, too."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts.models import Member
from ..accounts.permissions import Permission
from ..accounts.site_models import SiteInvitation
from ..errors import InvalidText, NotFound
from .audit import record
from .authorization import Actor
from .models import AuditEntry

DEFAULT_SECONDS = 7 * 86_400


def create(
    *, actor: Actor, uses: int | None = None, seconds: int = DEFAULT_SECONDS
) -> tuple[SiteInvitation, str]:
    """A new invitation and its token, which is not stored: only its hash is."""
    actor.require(Permission.APPOINT)
    most = settings.INVITATION_MAX_DAYS
    if not 0 < seconds <= most * 86_400:
        words = gettext("An invitation is valid for a second to {count} days.")
        raise InvalidText(words.format(count=most))
    if uses is not None and uses < 1:
        raise InvalidText(gettext("An invitation can be used once at least."))
    token = secrets.token_urlsafe(18)
    with transaction.atomic():
        invitation = SiteInvitation.objects.create(
            token_hash=_hash_of(token),
            creator=actor.member,
            expires_at=timezone.now() + timedelta(seconds=seconds),
            uses_left=uses,
        )
        record(actor, AuditEntry.Action.INVITED, site_invitation=invitation.pk)
    return invitation, token


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
    found = _valid().filter(token_hash=_hash_of(token)).first()
    if found is None:
        raise _not_valid()
    return found


def use(token: str) -> None:
    """Of two who use it for the last time at once, one gets in."""
    mine = _valid().filter(token_hash=_hash_of(token))
    if not mine.update(uses_left=F("uses_left") - 1):
        raise _not_valid()


def _valid() -> QuerySet[SiteInvitation]:
    return SiteInvitation.objects.filter(
        Q(uses_left=None) | Q(uses_left__gt=0), revoked_at=None, expires_at__gt=timezone.now()
    )


def _not_valid() -> NotFound:
    return NotFound(gettext("This invitation is not valid any more. Ask for a new one."))


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
