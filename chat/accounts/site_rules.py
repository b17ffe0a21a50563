"""Who accepted the rules of the site, and in which version. Nobody is thrown out for not having."""

from . import site_settings
from .models import Member
from .site_models import RulesAccepted

# So many of those who accepted are remembered; they stay so until the rules are others.
REMEMBERED = 10_000
_accepted: dict[int, int] = {}


def accept(member: Member, version: int) -> None:
    """Record it, once for each version. A version that is not the current one says nothing."""
    if version and version == site_settings.current().rules_version:
        row = RulesAccepted(member=member, version=version)
        RulesAccepted.objects.bulk_create([row], ignore_conflicts=True)


def to_accept(member: Member) -> int:
    """The version that this member has to accept yet; 0: none.

    Asked at every page, so the answer is remembered where it is 0: it stays so.
    """
    version = site_settings.current().rules_version
    if not version or _accepted.get(member.pk) == version:
        return 0
    if not RulesAccepted.objects.filter(member=member, version=version).exists():
        return version
    if len(_accepted) >= REMEMBERED:
        _accepted.clear()
    _accepted[member.pk] = version
    return 0
