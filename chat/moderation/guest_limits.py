"""Guests who only read: where owners want it, who has no account writes nothing."""

from django.utils.translation import gettext

from ..accounts import site_settings
from ..accounts.models import Member
from ..accounts.site_settings import CurrentSite
from ..errors import Forbidden


def check_guest() -> None:
    """Forbidden where guests only read. Asks nothing: it is called for each message of a guest."""
    _check(site_settings.known())


def check(member: Member) -> None:
    """Forbidden if this is a guest where guests only read. Moderators and owners are none."""
    if member.kind == Member.Kind.GUEST and not member.office:
        _check(site_settings.current())


def _check(site: CurrentSite) -> None:
    if site.guests_read_only:
        raise Forbidden(gettext("Guests only read here. Keep your name to write."))
