"""Cookies ride on every handshake, whoever starts it: only our own pages may open a socket."""

import pytest

from tests import clients
from tests.clients import Node

served = clients.served


def test_our_own_page_may_open_a_socket(served: Node) -> None:
    assert served.raw_socket(origin=served.origin).status == 101


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1:65535",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}",
        "http://127.0.0.1.evil.example:{port}",
        "http://evil.example#http://127.0.0.1:{port}",
        "HTTP://127.0.0.1:{port}",
        "http://" + "a" * 5000,
    ],
)
def test_any_other_origin_is_refused(served: Node, origin: str) -> None:
    assert served.raw_socket(origin=origin.format(port=served.port)).status == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://[",
        "http://[::1",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port} http://evil.example",
        "http://127.0.0.1:{port},http://evil.example",
        "\xff\xfe",
    ],
)
def test_what_is_no_origin_is_refused_too(served: Node, origin: str) -> None:
    assert served.raw_socket(origin=origin.format(port=served.port)).status == 403


@pytest.mark.parametrize("second", ["http://evil.example", "{origin}"])
def test_two_origins_are_refused(served: Node, second: str) -> None:
    header = f"Origin: {second.format(origin=served.origin)}"

    assert served.raw_socket(header, origin=served.origin).status == 403


def test_another_path_than_the_sockets_is_refused(served: Node) -> None:
    assert served.raw_socket(path="/elsewhere/").status == 403


def test_refusals_leave_no_traceback(served: Node) -> None:
    served.raw_socket(origin="http://[")
    served.raw_socket(origin="http://evil.example")

    assert "Traceback" not in served.log
