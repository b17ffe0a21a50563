"""The settings of the site, as everyone here reads them (docs/adr/0052).

What an owner set wins; what was left empty is decided by the environment. A node keeps them in
memory and reads them anew with the moderation state: no request and no handshake asks the database.
A process without a node, such as a command, asks each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from . import change_numbers
from .site_models import ONLY_ROW, SiteSettings

ComesIn = SiteSettings.ComesIn


@dataclass(frozen=True, slots=True)
class CurrentSite:
    """The settings that hold. A field that an owner left empty holds the environment's value."""

    own_name: str = ""
    picture: bytes | None = None
    who_may_come_in: ComesIn = ComesIn.ANYONE
    # The domains of single sign-on, in lower case; none: all.
    allowed_domains: frozenset[str] = frozenset()
    approval: bool = False
    guests_read_only: bool = False
    visitors_read: bool = True
    own_rooms_created_by: str = ""
    welcome: str = ""
    rules: str = ""
    # 0 while there are no rules.
    rules_version: int = 0

    @property
    def name(self) -> str:
        return self.own_name or str(settings.SITE_NAME)

    @property
    def rooms_created_by(self) -> str:
        return self.own_rooms_created_by or str(settings.ROOMS_CREATED_BY)


class _Memory:
    """What this process knows."""

    site = CurrentSite()
    # Whether a node of this process reads the settings anew whenever they change.
    is_followed = False


def current() -> CurrentSite:
    """The settings that hold now. On a node's event loop, ask `known`."""
    return _Memory.site if _Memory.is_followed else refresh()


def known() -> CurrentSite:
    """The settings as this process read them last. Asks nothing, so it works in an outage."""
    return _Memory.site


def is_known() -> bool:
    """Whether a node has read the settings."""
    return _Memory.is_followed


def refresh() -> CurrentSite:
    """Read the settings."""
    row = SiteSettings.objects.filter(pk=ONLY_ROW).first()
    _Memory.site = _as_read(row) if row else CurrentSite()
    return _Memory.site


def follow() -> CurrentSite:
    """Read the settings for a node, which calls this whenever the moderation version rises."""
    site = refresh()
    _Memory.is_followed = True
    return site


def forget() -> None:
    """The node of this process ended."""
    _Memory.is_followed = False


def stored() -> SiteSettings:
    """The row as it is in the database; a new one if nothing was ever set."""
    return SiteSettings.objects.filter(pk=ONLY_ROW).first() or SiteSettings()


def save(row: SiteSettings) -> dict[str, list[Any]]:
    """Store the settings in the transaction of the caller, and tell all nodes.

    Returns the fields that changed: `[before, after]` by name.
    """
    with transaction.atomic():
        SiteSettings.objects.bulk_create([SiteSettings()], ignore_conflicts=True)
        before = SiteSettings.objects.select_for_update(no_key=True).get(pk=ONLY_ROW)
        row.pk = ONLY_ROW
        row.rules = row.rules.replace("\r\n", "\n").strip()
        row.rules_version = before.rules_version + (row.rules != before.rules)
        row.save(force_update=True)
        change_numbers.record_moderation_change()
        transaction.on_commit(refresh)
    return _changes(_values(before), _values(row))


def _as_read(row: SiteSettings) -> CurrentSite:
    return CurrentSite(
        own_name=row.name,
        picture=bytes(row.picture) if row.picture else None,
        who_may_come_in=ComesIn(row.who_may_come_in),
        allowed_domains=frozenset(row.allowed_domains.lower().split()),
        approval=row.approval,
        guests_read_only=row.guests_read_only,
        visitors_read=row.visitors_read,
        own_rooms_created_by=row.rooms_created_by,
        welcome=row.welcome,
        rules=row.rules,
        rules_version=row.rules_version if row.rules else 0,
    )


def _values(row: SiteSettings) -> dict[str, Any]:
    """The settings by name, as the record of who did what may hold them."""
    kept = {field.name: getattr(row, field.name) for field in row._meta.fields}
    kept["picture"] = len(row.picture) if row.picture else None
    return {name: kept[name] for name in kept.keys() - {"id", "changed_at", "rules_version"}}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}
