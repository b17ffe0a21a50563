"""The site settings in this node's memory, and what connections hear of a change.

They are read with the moderation state, so a change holds on every node within two seconds, also
without Redis.
"""

from django.utils.translation import gettext

from .. import protocol
from ..accounts import site_settings
from ..accounts.site_settings import CurrentSite
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .sockets import frame


class SiteNews:
    """Reads the settings anew, and tells of what concerns those who are in."""

    def __init__(self, executors: DatabaseExecutors, registry: ConnectionRegistry) -> None:
        self._executors = executors
        self._registry = registry
        # What those heard who came before the first reading.
        self._told = terms_of(site_settings.known())

    async def follow(self) -> bool:
        """Read the settings; whether those of the queue may have changed."""
        before = site_settings.known()
        now = await self._executors.read(site_settings.follow)
        terms = terms_of(now)
        if terms != self._told:
            self._told = terms
            self._tell(protocol.SiteChanged(terms))
        if not now.visitors_read:
            self._close_visitors()
        return now.approval != before.approval

    def _tell(self, event: protocol.SiteChanged) -> None:
        # To slow sockets too: this is said once.
        told = frame(event)
        for connection in list(self._registry.connections):
            if not connection.closed:
                connection.socket.write(told)

    def _close_visitors(self) -> None:
        for connection in list(self._registry.connections):
            if connection.is_visitor and not connection.closed:
                connection.close(protocol.CLOSE_SIGN_IN, closed_to_visitors())


def terms_of(site: CurrentSite) -> protocol.SiteTerms:
    return protocol.SiteTerms(
        comes_in=str(site.who_may_come_in),
        guests_read=site.guests_read_only,
        rules=site.rules_version,
    )


def closed_to_visitors() -> str:
    return gettext("Only members read here. Join with a name first.")
