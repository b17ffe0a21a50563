"""What is too large is told so to whoever is still sending it, by a real node."""

import socket

import pytest

from tests import clients
from tests.clients import Node

served = clients.served


@pytest.mark.parametrize("size", [20_000, 100_000, 2_000_000])
@pytest.mark.parametrize(
    ("status", "before", "after"),
    [
        (414, b"GET /", b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a=", b"\r\n\r\n"),
        (413, b"POST /join/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n", b""),
    ],
)
def test_the_answer_arrives(
    served: Node, status: int, before: bytes, after: bytes, size: int
) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as visitor:
        visitor.sendall(before + b"a" * size + after)
        answer = b""
        while part := visitor.recv(65_536):
            answer += part

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b".\n")
