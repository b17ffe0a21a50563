"""Opening a socket as a browser does."""

import socket
from typing import Any

from websockets.asyncio.client import connect

from .deployment import Endpoint

# Without an answer for so long, the socket counts as dead.
ANSWER_SECONDS = 5.0


def handshake(door: Endpoint, cookie: str, receive_buffer: int = 0) -> connect:
    """A narrow `receive_buffer` makes a client that reads slowly known to the server soon."""
    options: dict[str, Any] = {}
    if receive_buffer:
        narrow = options["sock"] = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        narrow.connect(("127.0.0.1", door.port))
        narrow.setblocking(False)
    return connect(
        f"ws://127.0.0.1:{door.port}/ws/",
        origin=door.origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": cookie},
        compression=None,
        ping_interval=None,
        proxy=None,
        open_timeout=ANSWER_SECONDS,
        close_timeout=1,
        **options,
    )
