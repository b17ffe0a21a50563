"""Network addresses: which of them are one network; stored only as a keyed hash."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils.crypto import salted_hmac

# An IPv6 customer is given at least this network; a single address of it says nothing.
IPV6_PREFIX = 64


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """Whom a limit or a ban by address means: an IPv4 address, or the first 64 bits of an IPv6 one.

    Empty for what is no address (a Unix socket, a test).
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ip_network((int(ip), IPV6_PREFIX), strict=False))
    return str(ip)


@lru_cache(maxsize=10_000)
def address_hash(address: str) -> str:
    """Equal for equal networks; empty for what is no address."""
    network = network_of(address)
    if not network:
        return ""
    return salted_hmac("chat.address", network, algorithm="sha256").hexdigest()[:32]
