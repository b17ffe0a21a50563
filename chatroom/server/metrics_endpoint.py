"""/metrics for Prometheus, on a port of its own: no proxy that serves people routes it.

Answered on the event loop, where what is counted lives. A node whose loop stands still answers
nothing, which says it best.
"""

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from prometheus_client.exposition import choose_encoder
from twisted.internet.error import CannotListenError
from twisted.web.resource import Resource
from twisted.web.server import Site

from chat.metrics import REGISTRY, counters
from chat.realtime import metrics_collector

logger = logging.getLogger(__name__)


def listen() -> None:
    """Answer on METRICS_PORT; SystemExit, with the reason, if that port cannot be taken."""
    from twisted.internet import reactor  # the one that Daphne has installed by now

    metrics_collector.register()
    # Twisted's own types are incomplete.
    anything: Any = reactor
    root: Any = Resource()
    root.putChild(b"metrics", Metrics())
    host, port = settings.METRICS_HOST, settings.METRICS_PORT
    try:
        anything.listenTCP(port, QuietSite(root), interface=host)
    except CannotListenError as error:
        raise SystemExit(f"METRICS_PORT {port} on {host}: {error.socketError}") from None


class Metrics(Resource):  # type: ignore[misc]
    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        accepted = request.getHeader("accept") or ""
        encode, content_type = choose_encoder(accepted)
        request.setHeader("content-type", content_type)
        try:
            return encode(REGISTRY)
        except Exception:
            logger.exception("The metrics could not be read")
            request.setResponseCode(HTTPStatus.INTERNAL_SERVER_ERROR)
            return b""


class QuietSite(Site):  # type: ignore[misc]
    noisy = False
    displayTracebacks = False

    def log(self, request: Any) -> None:
        """A line for each scrape would say nothing."""


class AnswersCounted:
    """Counts what is answered to HTTP requests."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def counting(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                counters.answers[message["status"] // 100] += 1
            await send(message)

        await self._application(scope, receive, counting)
