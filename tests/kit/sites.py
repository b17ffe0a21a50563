"""The site settings as a test wants them."""

from typing import Any

from chat.accounts import site_settings
from chat.accounts.site_settings import CurrentSite
from chat.moderation import site_changes
from chat.moderation.authorization import SYSTEM


def set_site(**values: Any) -> CurrentSite:
    """Store these settings as an operator does."""
    row = site_settings.stored()
    for name, value in values.items():
        setattr(row, name, value)
    site_changes.change(actor=SYSTEM, row=row)
    return site_settings.refresh()
