"""Static files, answered by the server itself: no thread, no middleware, no Django.

WhiteNoise's list of what was collected says what there is, and with which headers. A name that is
not on it goes to Django, so that nothing outside STATIC_ROOT can be asked for. So does whatever is
unusual: another method, a part of a file, plain HTTP where HTTPS is demanded.
"""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from twisted.web.http import Request
from twisted.web.http_headers import Headers
from whitenoise.responders import StaticFile

from chat.metrics import counters
from chatroom.server.static_middleware import StaticMiddleware

# Kept in memory once it was asked for. A larger file is read by one of Django's threads each time.
KEPT_MAX_BYTES = 256 << 10
METHODS = (b"GET", b"HEAD")
# Leave it to Django: a part of a file, and a WebSocket.
UNUSUAL = (b"range", b"upgrade")


class Content(NamedTuple):
    """One form of a file, as it is sent."""

    headers: Headers
    body: bytes


class StaticFiles:
    """The collected files of this process, by their addresses."""

    def __init__(self) -> None:
        # Empty with DEBUG: then files are looked for anew each time, which Django does.
        self._files: dict[str, StaticFile] = StaticMiddleware(None).files
        self._prefix = f"/{settings.STATIC_URL.lstrip('/')}".encode()
        self._common = _security_headers()
        self._kept: dict[str, Content] = {}

    def answer(self, request: Request) -> bool:
        """Answer a request for one of the files; False if Django is to do so."""
        if not request.path.startswith(self._prefix) or request.method not in METHODS:
            return False
        asked = request.requestHeaders
        file = self._files.get(unquote_to_bytes(request.path).decode(errors="replace"))
        if file is None or any(map(asked.hasHeader, UNUSUAL)) or _must_be_redirected(asked):
            return False
        wanted = _as_wsgi(asked, "Accept-Encoding", "If-None-Match", "If-Modified-Since")
        status, path = HTTPStatus.OK, ""
        if file.is_not_modified(wanted):
            status, headers = HTTPStatus.NOT_MODIFIED, file.not_modified_response.headers
        else:
            path, headers = file.get_path_and_headers(wanted)
        content = self._content(path, headers) if path else Content(self._made(headers), b"")
        if content is None:
            return False
        counters.answers[status // 100] += 1
        request.setResponseCode(status)
        if request.responseHeaders.hasHeader(b"connection"):
            # This connection ends with the answer, which has to say so.
            for name, values in content.headers.getAllRawHeaders():
                request.responseHeaders.setRawHeaders(name, values)
        else:
            request.responseHeaders = content.headers
        request.write(content.body)
        request.finish()
        return True

    def _content(self, path: str, headers: Iterable[tuple[str, str]]) -> Content | None:
        """A file's bytes, read once; None if it is too large to be kept."""
        kept = self._kept.get(path)
        if kept is None and Path(path).stat().st_size <= KEPT_MAX_BYTES:
            kept = self._kept[path] = Content(self._made(headers), Path(path).read_bytes())
        return kept

    def _made(self, headers: Iterable[tuple[str, str]]) -> Headers:
        made = Headers()
        for name, value in (*headers, *self._common):
            made.addRawHeader(name, value)
        return made


@cache
def collected() -> StaticFiles:
    """The files of this process; read on first use."""
    return StaticFiles()


def good_request() -> HttpRequest:
    """A request that came as it should, over HTTPS where the site has that."""
    request = HttpRequest()
    request.method = "GET"
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        request.META[name] = value
    return request


def _security_headers() -> list[tuple[str, str]]:
    """What Django would add to a file that was asked for as it should be."""
    response = HttpResponse()
    del response["Content-Type"]
    SecurityMiddleware(lambda request: response).process_response(good_request(), response)
    return list(response.items())


def _must_be_redirected(asked: Headers) -> bool:
    """Whether this came over plain HTTP to a site that insists on HTTPS, so that Django says so."""
    if not settings.SECURE_SSL_REDIRECT:
        return False
    name, value = settings.SECURE_PROXY_SSL_HEADER
    header = name.removeprefix("HTTP_").replace("_", "-")
    came_over: str = (asked.getRawHeaders(header) or [""])[0]
    return came_over.partition(",")[0].strip() != value


def _as_wsgi(asked: Headers, *names: str) -> dict[str, str]:
    """These headers, where they came, under the names that WhiteNoise goes by."""
    came = ((name, asked.getRawHeaders(name)) for name in names)
    return {
        f"HTTP_{name.upper().replace('-', '_')}": ",".join(values)
        for name, values in came
        if values
    }
