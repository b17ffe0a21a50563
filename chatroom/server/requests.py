"""HTTP requests: all of Django in one thread, from a pool of its own for each kind of request.

Django's own handler makes a thread for each request, and goes back to the event loop for each
middleware: that took most of a form's time, left threads waiting for a loop that had stopped, and
let any number of pages compete with a form. Here a request is one job of one pool, and no thread
waits for the loop (docs/adr/0022).
"""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from time import monotonic
from typing import Any, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import set_script_prefix
from django.utils.translation import gettext

from chat.web.error_pages import error_page
from chatroom.server.kept_connections import drop_if_dead, is_kept, keeping_executor
from chatroom.server.static_files import good_request

# Threads by kind of request. Together with chat/realtime/database_executors.py they are as many as
# there are connections to the database (settings.py).
THREADS = {"form": 3, "page": 2, "admin": 2, "file": 1, "sso": 2}
# A page is work for the processor: two at once are ready no sooner, and the event loop waits for
# both. The second thread begins after this time: a page that takes so long waits for something.
ONE_PAGE_SECONDS = 0.05
# These keep their connections. Others need one rarely, and give it back.
KEEPING = {"form", "page"}
# More than so many requests waiting in one pool are refused: they would be answered too late. As
# many tabs may load their page at once as a node answers in a few seconds.
WAITING_MAX = {"form": 500, "page": 1000, "admin": 100, "file": 500, "sso": 50}
RETRY_SECONDS = 5
# When a node stops, requests that have a thread may take so long.
LAST_ANSWERS_SECONDS = 4

Headers = list[tuple[bytes, bytes]]
# A response, its headers, and its content unless that is streamed.
Answer = tuple[HttpResponseBase, Headers, bytes | None]


class Requests(ASGIHandler):
    """An ASGI application that runs Django, and knows what it has not answered yet."""

    def __init__(self) -> None:
        # Not ASGIHandler's own chain, which hops between threads and the loop.
        self.load_middleware(is_async=False)
        self._pools = {kind: _executor(kind, count) for kind, count in THREADS.items()}
        self._one_page = threading.Lock()
        self._answering: set[asyncio.Task[Any]] = set()
        self._finishing = self._closed = False
        # Made now: when one is needed, there is no thread to make it.
        self._too_many = _refusal(
            gettext("Too many people are opening pages at this moment"),
            gettext("Nothing was changed or sent. Wait a few seconds, then try again."),
        )
        self._restarting = _refusal(
            gettext("The chatroom is restarting"),
            gettext("Nothing was changed or sent. Wait a few seconds, then try again."),
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        task = cast(asyncio.Task[Any], asyncio.current_task())
        self._answering.add(task)
        try:
            await self._answer(scope, receive, send)
        finally:
            self._answering.discard(task)

    async def finish(self, seconds: float) -> None:
        """Answer what was asked, for so long at most; then 503 to all that has no thread."""
        self._finishing = True
        await self._until_answered(seconds)
        self._closed = True
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        await self._until_answered(LAST_ANSWERS_SECONDS)

    async def _until_answered(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        while self._answering and (left := deadline - monotonic()) > 0:
            await asyncio.wait(self._answering, timeout=left)

    # --- One request --------------------------------------------------------------------------

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with contextlib.closing(body):
            kind = _kind_of(scope)
            pool = self._pools[kind]
            if self._closed or pool._work_queue.qsize() >= WAITING_MAX[kind]:
                await self._refuse(send)
                return
            # A fresh context, as each request of a thread should have.
            respond = self._respond_in_turn if kind == "page" else self._respond
            work: asyncio.Future[Answer] = asyncio.get_running_loop().run_in_executor(
                pool, contextvars.Context().run, respond, scope, body
            )
            await asyncio.wait([work])
            if work.cancelled():
                await self._refuse(send)
                return
            response, headers, content = work.result()
        await self._start(send, response.status_code, headers)
        if content is None:
            await self._stream(cast(StreamingHttpResponse, response), send)
        else:
            await send({"type": "http.response.body", "body": content})

    def _respond_in_turn(self, scope: Any, body: Any) -> Answer:
        """After the page before this one, unless that takes long."""
        has_turn = self._one_page.acquire(timeout=ONE_PAGE_SECONDS)
        try:
            return self._respond(scope, body)
        finally:
            if has_turn:
                self._one_page.release()

    def _respond(self, scope: Any, body: Any) -> Answer:
        """Runs in a thread of a pool."""
        drop_if_dead()
        set_script_prefix(get_script_prefix(scope))
        if not is_kept():
            # Its receivers look after connections, which was done at the end of the last request.
            signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = self.get_response(request) if request is not None else refusal
        response._handler_class = self.__class__
        headers = _headers_of(response)
        if response.streaming and response.is_async:
            # Its own thread will have a connection of its own.
            close_old_connections()
            return response, headers, None
        content = b"".join(response) if response.streaming else response.content
        response.close()
        return response, headers, content

    async def _stream(self, response: StreamingHttpResponse, send: Any) -> None:
        async with ThreadSensitiveContext():
            async for part in response:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await sync_to_async(response.close)()
        await send({"type": "http.response.body"})

    async def _refuse(self, send: Any) -> None:
        headers, content = self._restarting if self._closed else self._too_many
        await self._start(send, HTTPStatus.SERVICE_UNAVAILABLE, headers)
        await send({"type": "http.response.body", "body": content})

    async def _start(self, send: Any, status: int, headers: Headers) -> None:
        if self._finishing:
            headers = [*headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})


def _executor(kind: str, threads: int) -> ThreadPoolExecutor:
    make = keeping_executor if kind in KEEPING else ThreadPoolExecutor
    return make(threads, f"http-{kind}")


def _refusal(title: str, text: str) -> tuple[Headers, bytes]:
    """A page that says so, with the headers that every page has."""
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def page(request: HttpRequest) -> HttpResponse:
        return error_page(status, title=title, detail=text, retry_seconds=RETRY_SECONDS)

    guarded = SecurityMiddleware(CSPMiddleware(XFrameOptionsMiddleware(page)))
    response: Any = guarded(good_request())
    return _headers_of(response), response.content


def _kind_of(scope: Any) -> str:
    path: str = scope["path"]
    if path.startswith(settings.STATIC_URL):
        return "file"
    if path.startswith("/admin/"):
        return "admin"
    # It waits for the provider of single sign-on, and nothing else waits with it.
    if path.startswith("/sign-in/sso/"):
        return "sso"
    return "form" if scope["method"] == "POST" else "page"


def _headers_of(response: HttpResponseBase) -> Headers:
    named: Iterable[tuple[str, str]] = response.items()
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in named]
    cookies = response.cookies.values()
    return headers + [
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip()) for cookie in cookies
    ]
