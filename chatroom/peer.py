"""Who is at the other end: the socket's peer, or whom the trusted proxy in front names."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from django.conf import settings


class PeerBehindProxy:
    """Takes the client's address from TRUSTED_PROXY_HEADER, where that is set.

    What a client writes into such a header stands before what the proxy adds to it, so only the
    last address counts. Where it is none, the peer stays the proxy: all such clients share limits.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._header = settings.TRUSTED_PROXY_HEADER.lower().encode("latin-1")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if self._header and "client" in scope:
            address = self._last_address(scope["headers"])
            if address is not None:
                scope = scope | {"client": [address, 0]}
        await self._application(scope, receive, send)

    def _last_address(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        named = [value for header, value in headers if header == self._header]
        try:
            return str(ip_address(named[-1].rpartition(b",")[2].decode("latin-1").strip()))
        except (IndexError, ValueError):
            return None
