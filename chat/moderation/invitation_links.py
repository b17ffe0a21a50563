"""What invitations to a room and to the site share: a link that ends, and works so often."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from ..errors import InvalidText, NotFound

DEFAULT_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True)
class NewLink:
    """A token, which is not stored, and what is stored of it."""

    token: str
    token_hash: str
    expires_at: datetime


def make_link(uses: int | None, seconds: int) -> NewLink:
    """A link that ends after so long. InvalidText if it could never be used, or for too long."""
    most = settings.INVITATION_MAX_DAYS
    if not 0 < seconds <= most * 86_400:
        words = gettext("An invitation is valid for a second to {count} days.")
        raise InvalidText(words.format(count=most))
    if uses is not None and uses < 1:
        raise InvalidText(gettext("An invitation can be used once at least."))
    token = secrets.token_urlsafe(18)
    return NewLink(token, hash_of(token), timezone.now() + timedelta(seconds=seconds))


def is_valid() -> Q:
    """Of the rows of either table: neither used up, revoked nor expired."""
    uses_are_left = Q(uses_left=None) | Q(uses_left__gt=0)
    return uses_are_left & Q(revoked_at=None, expires_at__gt=timezone.now())


def not_valid() -> NotFound:
    """The same for unknown, used, revoked and expired links."""
    return NotFound(gettext("This invitation is not valid any more. Ask for a new one."))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
