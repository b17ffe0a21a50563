"""Static files come from the server itself, as Django would send them. The rest is Django's."""

import gzip
import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from chatroom.server import static_files
from tests import clients
from tests.clients import Node, deployment

served = clients.served

FILE = "css/base.css"
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def path() -> str:
    """Under the name that carries its hash."""
    return str(staticfiles_storage.url(FILE))


def ask(node: Node, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def collected(path: str) -> bytes:
    return (Path(settings.STATIC_ROOT) / path.removeprefix("/static/")).read_bytes()


def test_a_file_comes_as_django_would_send_it(served: Node, path: str) -> None:
    status, headers, content = ask(served, path, accept_encoding="gzip")

    by_django = Client().get(path, headers={"accept-encoding": "gzip"})
    assert status == by_django.status_code == 200
    assert headers == {name.lower(): value for name, value in by_django.items()}
    assert content == b"".join(by_django)


def test_a_hashed_name_is_kept_for_ever(served: Node, path: str) -> None:
    _, headers, _ = ask(served, path)

    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "identity", ""])
def test_a_client_gets_an_encoding_that_it_accepts(served: Node, path: str, accepted: str) -> None:
    _, headers, content = ask(served, path, accept_encoding=accepted)

    encoding = headers.get("content-encoding", "")
    assert encoding in accepted
    assert headers["vary"] == "Accept-Encoding"
    assert int(headers["content-length"]) == len(content)
    if encoding == "gzip":
        content = gzip.decompress(content)
    if encoding != "br":
        assert content == collected(path)


def test_a_client_that_has_it_gets_no_content(served: Node, path: str) -> None:
    _, headers, _ = ask(served, path)

    status, again, content = ask(served, path, if_none_match=headers["etag"])

    assert (status, content) == (304, b"")
    assert again["etag"] == headers["etag"]


def test_head_gets_the_headers_alone(served: Node, path: str) -> None:
    status, headers, content = ask(served, path, "HEAD")

    assert (status, content) == (200, b"")
    assert int(headers["content-length"]) == len(collected(path))


def test_many_come_over_one_connection(served: Node, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    for _ in range(50):
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        assert connection.getresponse().read() == collected(path)
    connection.request("GET", path, headers={"Connection": "close"})
    answer = connection.getresponse()

    assert answer.read()
    assert answer.getheader("Connection") == "close"
    # And the next to ask is not told so.
    assert "connection" not in ask(served, path, connection="keep-alive")[1]


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [({"range": "bytes=0-9"}, "GET", 206), ({}, "POST", 405), ({}, "DELETE", 405)],
)
def test_what_is_unusual_is_answered_by_django(
    served: Node, path: str, headers: dict[str, str], method: str, status: int
) -> None:
    assert ask(served, path, method, **headers)[0] == status


def test_a_file_that_is_not_there_gets_the_page_that_says_so(served: Node) -> None:
    status, headers, content = ask(served, "/static/css/none.css")

    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"There is nothing here" in content


@pytest.mark.parametrize("path", ["%2e%2e/manage.py", "..%2fmanage.py", "css/../../manage.py", "%"])
def test_nothing_outside_the_folder_can_be_asked_for(served: Node, path: str) -> None:
    status, _, content = ask(served, f"/static/{path}")

    assert status == 404
    assert b"execute_from_command_line" not in content


@pytest.fixture(scope="module")
def over_https() -> Iterator[Node]:
    secure = {"SITE_ORIGINS": "https://chat.example.org"}
    with deployment() as place, place.node(**secure) as node:
        yield node


def test_over_plain_http_one_is_sent_to_https(over_https: Node, path: str) -> None:
    host = {"host": "localhost"}
    assert ask(over_https, path, **host)[0] == 301

    status, headers, _ = ask(over_https, path, x_forwarded_proto="https", **host)

    assert status == 200
    assert headers["strict-transport-security"].startswith("max-age=")


def test_a_large_file_is_left_to_the_threads(served: Node, path: str) -> None:
    large = next(
        file
        for file in Path(settings.STATIC_ROOT).rglob("*.js")
        if file.stat().st_size > static_files.KEPT_MAX_BYTES
    )
    name = large.relative_to(settings.STATIC_ROOT).as_posix()

    assert ask(served, f"/static/{name}", accept_encoding="identity")[2] == large.read_bytes()
