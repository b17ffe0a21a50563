"""What probes ask: `/healthz`, whether this process runs (and which version it is), and `/readyz`,
whether to send people here.

Answered on the event loop, before Django: no thread, no query, no host name. A balancer asks by
address, over plain HTTP, and must get an answer when all of those are at their limit.
"""

from http import HTTPStatus
from typing import Any

from chat.realtime import node

from .. import VERSION


class HealthFirst:
    """Answers the probes, and passes everything else on."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] == "/healthz":
            await _answer(send, text=f"ok {VERSION}")
        elif scope["path"] == "/readyz":
            readiness = node.current().readiness
            failing = readiness.unwritable
            text = f"ok, but nothing can be written: {failing}." if failing else "ok"
            await _answer(send, readiness.objection, text)
        else:
            await self._application(scope, receive, send)


async def _answer(send: Any, objection: str = "", text: str = "ok") -> None:
    status = HTTPStatus.SERVICE_UNAVAILABLE if objection else HTTPStatus.OK
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": (objection or text).encode()})
