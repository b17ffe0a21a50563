"""Whom a limit by address holds: the peer, or whom a trusted proxy names; never who says so."""

from typing import Any

import pytest
from django.conf import LazySettings

from chatroom.server.proxy_headers import PeerBehindProxy

pytestmark = pytest.mark.once

PROXY = ["10.0.0.1", 4711]


async def peer_of(*headers: tuple[bytes, bytes]) -> list[Any]:
    heard: list[list[Any]] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        heard.append(scope["client"])

    scope = {"type": "http", "headers": headers, "client": PROXY}
    await PeerBehindProxy(application)(scope, None, None)
    return heard[0]


async def test_no_header_is_believed_unless_one_is_trusted() -> None:
    assert await peer_of((b"x-real-ip", b"1.2.3.4"), (b"x-forwarded-for", b"1.2.3.4")) == PROXY


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ([b"1.2.3.4"], "1.2.3.4"),
        ([b"2001:DB8::0:1"], "2001:db8::1"),
        ([b"6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ([b"6.6.6.6", b"1.2.3.4"], "1.2.3.4"),
        ([b"6.6.6.6,", b" 1.2.3.4 "], "1.2.3.4"),
        ([b"1.2.3.4:80"], "1.2.3.4"),
        ([b"6.6.6.6:1, 1.2.3.4:65535"], "1.2.3.4"),
        ([b"[2001:DB8::7]:443"], "2001:db8::7"),
        ([b"[2001:db8::7]"], "2001:db8::7"),
        ([b' "[2001:db8::7]:50000" '], "2001:db8::7"),
        ([b'"1.2.3.4:80"'], "1.2.3.4"),
        ([b"::ffff:1.2.3.4"], "1.2.3.4"),
        ([b"[::ffff:1.2.3.4]:80"], "1.2.3.4"),
    ],
)
async def test_what_the_proxy_adds_comes_last_and_counts(
    sent: list[bytes], address: str, settings: LazySettings
) -> None:
    settings.TRUSTED_PROXY_HEADER = "X-Real-IP"

    peer = await peer_of(
        (b"x-forwarded-for", b"7.7.7.7"), *((b"x-real-ip", value) for value in sent)
    )

    assert peer == [address, 0]


@pytest.mark.parametrize(
    "sent",
    [
        [], [b""], [b"unknown"], [b"\xff"], [b"1.2.3"], [b"1.2.3.4:"], [b"1.2.3.4:x"],
        [b"1.2.3.4:123456"], [b"[1.2.3.4]:80"], [b"[2001:db8::7"], [b"2001:db8::7]:80"],
        [b"[]:80"], [b'"'], [b":80"], [b"_hidden"], [b"1.2.3.4 5.6.7.8"], [b"1.2.3.4,"],
    ],
)  # fmt: skip
async def test_without_an_address_the_peer_stays_the_proxy(
    sent: list[bytes], settings: LazySettings
) -> None:
    settings.TRUSTED_PROXY_HEADER = "X-Real-IP"

    assert await peer_of(*((b"x-real-ip", value) for value in sent)) == PROXY


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        (b"for=1.2.3.4;proto=https;by=10.0.0.1", "1.2.3.4"),
        (b'for="[2001:db8::7]:4711";proto=http', "2001:db8::7"),
        (b"for=6.6.6.6, proto=https; For=1.2.3.4", "1.2.3.4"),
        (b'for="1.2.3.4:80"', "1.2.3.4"),
    ],
)
async def test_the_standard_header_names_its_client(
    sent: bytes, address: str, settings: LazySettings
) -> None:
    settings.TRUSTED_PROXY_HEADER = "Forwarded"

    assert await peer_of((b"forwarded", sent)) == [address, 0]


@pytest.mark.parametrize("sent", [b"for=unknown", b"for=_secret", b"by=1.2.3.4", b"1.2.3.4", b""])
async def test_the_standard_header_may_hide_its_client(sent: bytes, settings: LazySettings) -> None:
    settings.TRUSTED_PROXY_HEADER = "Forwarded"

    assert await peer_of((b"forwarded", sent)) == PROXY
