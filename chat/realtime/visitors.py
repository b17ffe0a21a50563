"""Visitors: people without a name. They read public rooms live, and do nothing else.

A page that found no session says so in the address of its socket (`/ws/?visitor=1`). Any other
socket without a session is told to sign in.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.utils.translation import gettext

from .. import protocol
from ..accounts.addresses import network_of
from ..errors import Forbidden
from .connection import Connection
from .rate_limits import VISITOR_COMMANDS_BY_ADDRESS, RateLimits

READING = (
    protocol.EnterRoom
    | protocol.LeaveRoom
    | protocol.LoadHistory
    | protocol.BrowseRooms
    | protocol.LoadMembers
    | protocol.Ping
)


def is_visit(scope: Mapping[str, Any]) -> bool:
    """Whether this handshake asks to read without a name, also if a cookie comes with it."""
    return parse_qs(scope.get("query_string", b"")).get(b"visitor") == [b"1"]


def check(limits: RateLimits, connection: Connection, command: protocol.Command) -> None:
    """Raise unless a visitor may do this, and this often."""
    if not isinstance(command, READING):
        raise Forbidden(gettext("Join with a name first."))
    limits.check_address(VISITOR_COMMANDS_BY_ADDRESS, connection.address)


class Visitors:
    """How many sockets of visitors each network has on this node."""

    def __init__(self) -> None:
        self._by_network: Counter[str] = Counter()

    def add(self, connection: Connection) -> None:
        self._by_network[_network(connection.address)] += 1

    def remove(self, connection: Connection) -> None:
        network = _network(connection.address)
        self._by_network[network] -= 1
        if self._by_network[network] <= 0:
            del self._by_network[network]

    def is_full(self, address: str) -> bool:
        """Whether this network has as many as one may have."""
        most: int = settings.VISITORS_PER_ADDRESS
        return settings.RATE_LIMITS and self._by_network[_network(address)] >= most


def _network(address: str) -> str:
    return network_of(address) or address
