"""Network addresses: which of them belong to one network. They are stored only as a keyed hash."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils.crypto import salted_hmac

# An IPv6 customer gets at least a network of this size, so a single address identifies nobody.
IPV6_PREFIX = 64


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """The network that a limit or ban applies to: an IPv4 address, or the /64 of an IPv6 address.

    Empty for what is no address, such as a Unix socket.
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
    """A keyed hash of the network; empty for what is no address."""
    network = network_of(address)
    if not network:
        return ""
    return salted_hmac("chat.address", network, algorithm="sha256").hexdigest()[:32]
