"""Many requests at once: what cannot be answered in time is refused with a page that says what to
do, and pages take turns.
"""

import asyncio
import threading
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from chatroom.server import requests
from chatroom.server.requests import Requests

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


async def ask(application: Requests, method: str, path: str) -> tuple[int, dict[str, str], str]:
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(b"host", b"localhost")], "client": ["127.0.0.1", 1], "server": ["x", 1],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start, *parts = sent
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(part["body"] for part in parts).decode()


def test_a_page_beyond_the_limit_is_refused_and_forms_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(requests.WAITING_MAX, "page", 0)
    application = Requests()

    status, headers, page = asyncio.run(ask(application, "GET", "/"))

    assert status == 503
    assert headers["retry-after"] == "5"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "Too many people are opening pages at this moment" in page
    assert "then try again" in page
    # Without a token it is refused for that.
    assert asyncio.run(ask(application, "POST", "/join/"))[0] == 403


def test_a_node_that_stops_says_that_it_restarts() -> None:
    application = Requests()

    async def stopped() -> tuple[int, dict[str, str], str]:
        await application.finish(0)
        return await ask(application, "GET", "/")

    status, headers, page = asyncio.run(stopped())

    assert (status, headers["connection"]) == (503, "close")
    assert "The chatroom is restarting" in page


class Views:
    """Two pages: one that waits, and one that does not; and how many were made at once."""

    waiting = threading.Event()
    goes_on = threading.Event()
    at_once = most_at_once = 0

    @classmethod
    def slow(cls, request: HttpRequest) -> HttpResponse:
        cls.waiting.set()
        assert cls.goes_on.wait(30)
        return HttpResponse("slow")

    @classmethod
    def quick(cls, request: HttpRequest) -> HttpResponse:
        cls.at_once += 1
        cls.most_at_once = max(cls.most_at_once, cls.at_once)
        sum(range(100_000))  # long enough for another thread to have its turn
        cls.at_once -= 1
        return HttpResponse("quick")


urlpatterns = [path("slow/", Views.slow), path("quick/", Views.quick)]


@pytest.mark.urls(__name__)
def test_a_page_that_waits_for_something_holds_up_no_other() -> None:
    application = Requests()

    async def ask_for_both() -> tuple[str, str]:
        slow = asyncio.create_task(ask(application, "GET", "/slow/"))
        await asyncio.to_thread(Views.waiting.wait, 30)
        _, _, quick = await ask(application, "GET", "/quick/")
        Views.goes_on.set()
        return (await slow)[2], quick

    assert asyncio.run(ask_for_both()) == ("slow", "quick")


@pytest.mark.urls(__name__)
def test_pages_are_made_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "ONE_PAGE_SECONDS", 30)
    application = Requests()

    async def ask_for_many() -> list[tuple[int, dict[str, str], str]]:
        return await asyncio.gather(*(ask(application, "GET", "/quick/") for _ in range(100)))

    assert {page for *_, page in asyncio.run(ask_for_many())} == {"quick"}
    assert Views.most_at_once == 1
