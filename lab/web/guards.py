"""Who may speak with the lab's page: this machine's browser, from that page itself.

The lab kills processes. A page of another site, open in the same browser, must not reach it: by a
form, by a script, or by a name that it points at 127.0.0.1 (DNS rebinding).
"""

import hmac
from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils.decorators import async_only_middleware

from .laboratory import laboratory

Answer = Callable[[HttpRequest], Awaitable[HttpResponse]]
READS = {"GET", "HEAD"}


@async_only_middleware
def guard(get_response: Answer) -> Answer:
    async def guarded(request: HttpRequest) -> HttpResponse:
        if refusal := _refusal(request):
            return HttpResponseForbidden(f"{refusal}\n", content_type="text/plain")
        response = await get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Security-Policy"] = _policy(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return guarded


def _refusal(request: HttpRequest) -> str:
    lab = laboratory()
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if host not in {f"{name}:{lab.port}" for name in ("localhost", "127.0.0.1")}:
        return "This address is not the lab's."
    if origin is not None and origin != f"http://{host}":
        return "The lab answers its own page only."
    if request.method in READS:
        return ""
    if origin is None:
        return "The lab answers its own page only."
    if not hmac.compare_digest(request.headers.get("X-Lab-Token", "").encode(), lab.token.encode()):
        return "This page is from an earlier start of the lab. Reload it."
    return ""


def _policy(request: HttpRequest) -> str:
    rooms = " ".join(laboratory().front_origins(request.get_host()))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        f" connect-src 'self'; frame-src {rooms}; form-action 'none'; base-uri 'none';"
        " frame-ancestors 'none'"
    )
