"""Slow consumers: sockets that do not take what is written to them.

A room goes on without a socket that is full (chat/realtime/room_stream.py). One that stays full is
closed; it comes back, and resumes where it stood.
"""

import time
from collections.abc import Iterable

from django.utils.translation import gettext

from .. import protocol
from ..metrics import counters
from .connection import Connection

# A socket that takes nothing for so long is closed.
STALLED_SECONDS = 20


def close_slow_consumers(connections: Iterable[Connection]) -> None:
    """Close the connections that took nothing for too long."""
    now = time.monotonic()
    for connection in list(connections):
        socket = connection.socket
        if not socket.writable and now - socket.unwritable_since > STALLED_SECONDS:
            counters.slow_cutoffs += 1
            connection.close(protocol.CLOSE_SLOW, gettext("Connection too slow; reconnecting."))
