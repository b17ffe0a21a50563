"""The address of the client: the socket's peer, or the one that the trusted proxy names."""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings

# `for=` of the standard header `Forwarded`; its other fields do not name the client.
_FORWARDED_FOR = re.compile(r"""(?:^|;)\s*for\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)
_PORT = r"(?::\d{1,5})?"
_IN_BRACKETS = re.compile(rf"\[([^\[\]]*)\]{_PORT}")
_WITH_PORT = re.compile(r"([^:\[\]]*):\d{1,5}")


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
        if not named:
            return None
        last = named[-1].rpartition(b",")[2].decode("latin-1").strip()
        if self._header == b"forwarded":
            found = _FORWARDED_FOR.search(last)
            last = found[1].strip() if found else ""
        return address_in(last)


def address_in(text: str) -> str | None:
    """The address in what a proxy wrote: alone, in quotes, in brackets, with the client's port.

    An IPv4 address that came by way of IPv6 is the IPv4 address. None for anything else.
    """
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    if found := _IN_BRACKETS.fullmatch(text):
        text, is_wanted = found[1], 6
    elif found := _WITH_PORT.fullmatch(text):
        text, is_wanted = found[1], 4
    else:
        is_wanted = 0
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    if is_wanted not in (0, ip.version):
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ip)
