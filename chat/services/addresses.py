"""Network addresses, known only by a keyed hash: enough to tell that two are the same."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils.crypto import salted_hmac

# An IPv6 customer is given at least this network; a single address of it says nothing.
IPV6_PREFIX = 64


@lru_cache(maxsize=10_000)
def address_hash(address: str) -> str:
    """Equal for equal networks; empty for what is no address (a Unix socket, a test)."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return address_hash(str(ip.ipv4_mapped))
        network = str(ip_network((int(ip), IPV6_PREFIX), strict=False))
    else:
        network = str(ip)
    return salted_hmac("chat.address", network, algorithm="sha256").hexdigest()[:32]
