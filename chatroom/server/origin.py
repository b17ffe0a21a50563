"""Sockets only from our own pages: a browser sends cookies with every page's handshake."""

from typing import Any

from django.conf import settings

from chat.metrics import counters


class SameOriginOnly:
    """Refuses a handshake (HTTP 403) unless its one Origin is exactly one of SITE_ORIGINS.

    Channels' validators compare host names only, and a malformed Origin makes them raise. A path
    that is no socket is refused alike.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        is_ours = len(origins) == 1 and origins[0].decode("latin1") in settings.SITE_ORIGINS
        if is_ours and scope["path"] == "/ws/":
            await self._application(scope, receive, send)
        else:
            counters.handshakes["foreign_origin"] += 1
            await receive()
            await send({"type": "websocket.close"})
