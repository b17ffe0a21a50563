"""Forms posted to a real node: committed by its writer, told to everyone, and never held up."""

import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from tests import clients
from tests.clients import Node
from tests.sockets import Client

served = clients.served
TOKEN = "t" * 32


def submit(node: Node, room: str, cookie: str, body: str, client_id: str) -> int:
    """The status of the answer, redirects not followed."""
    fields = {"body": body, "client_id": client_id, "csrfmiddlewaretoken": TOKEN}
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{node.origin}/rooms/{room}/messages/",
        urlencode(fields).encode(),
        {"Cookie": f"{cookie}; csrftoken={TOKEN}", "Origin": node.origin},
    )

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            """Do not."""

    try:
        with urllib.request.build_opener(Stay).open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


@pytest.fixture
def room(served: Node) -> str:
    return next(served.rooms)


@pytest.fixture
def reader(served: Node, room: str) -> Client:
    reader = served.connect()
    reader.ask("room.enter", room=room, since=None)
    return reader


def bodies(reader: Client, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        found += [message["body"] for message in reader.receive("room.changes")["messages"]]
    return found


@pytest.mark.parametrize("body", ["plain", "*marked*", "*" + "long " * 200 + "*"])
def test_what_a_form_posts_is_told_to_everyone_there(
    served: Node, room: str, reader: Client, body: str
) -> None:
    assert submit(served, room, next(served.cookies), body, "a-1") == 303

    assert bodies(reader, 1) == [body]


def test_the_same_form_twice_is_one_message(served: Node, room: str, reader: Client) -> None:
    cookie = next(served.cookies)

    assert {submit(served, room, cookie, "once", "a-1") for _ in range(2)} == {303}
    assert submit(served, room, cookie, "another text", "a-1") == 409
    assert submit(served, room, cookie, "last", "a-2") == 303

    assert bodies(reader, 2) == ["once", "last"]


def test_an_empty_text_is_refused_with_the_page(served: Node, room: str) -> None:
    assert submit(served, room, next(served.cookies), " ", "a-1") == 422


def test_forms_and_sockets_share_one_log(served: Node, room: str, reader: Client) -> None:
    talker = served.connect()
    talker.ask("room.enter", room=room, since=None)
    cookies = [next(served.cookies) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        forms = [
            pool.submit(submit, served, room, cookie, f"form {number}", f"f-{number}")
            for number, cookie in enumerate(cookies)
        ]
        for number in range(6):
            talker.ask("message.send", room=room, client_id=f"s-{number}", body=f"socket {number}")

    assert [form.result() for form in forms] == [303] * 6
    expected = {f"{way} {number}" for way in ("form", "socket") for number in range(6)}
    assert set(bodies(reader, 12)) == expected


def test_readers_of_pages_do_not_starve_a_form(served: Node, room: str) -> None:
    """They wait in a lane of their own, however many they are."""
    served_pages, over = [0], threading.Event()

    def read() -> None:
        while not over.is_set():
            with urllib.request.urlopen(f"{served.origin}/rooms/{room}/", timeout=60):  # noqa: S310
                served_pages[0] += 1

    cookie = next(served.cookies)
    with ThreadPoolExecutor(40) as pool:
        for _ in range(40):
            pool.submit(read)
        try:
            passed = []
            for number in range(10):
                before = served_pages[0]
                assert submit(served, room, cookie, "still here", f"a-{number}") == 303
                passed.append(served_pages[0] - before)
        finally:
            over.set()
    # Behind all that stood in line, each form would have seen forty pages pass.
    assert min(passed) < 40
