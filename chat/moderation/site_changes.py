"""Changing the site settings, by an owner or an operator; recorded."""

from django.db import transaction

from ..accounts import site_settings
from ..accounts.permissions import Permission
from ..accounts.site_models import SiteSettings
from .audit import record
from .authorization import Actor
from .models import AuditEntry

# A text in the record of who did what is cut off here.
RECORDED_LENGTH = 200


def change(*, actor: Actor, row: SiteSettings, reason: str = "") -> list[str]:
    """Store these settings, and tell every node. Returns the names of those that changed."""
    actor.require(Permission.APPOINT)
    with transaction.atomic():
        changes = site_settings.save(row)
        if changes:
            short = {name: [_short(one) for one in both] for name, both in changes.items()}
            record(actor, AuditEntry.Action.CHANGED_SITE, reason=reason, settings=short)
    return sorted(changes)


def _short(value: object) -> object:
    return value[:RECORDED_LENGTH] if isinstance(value, str) else value
