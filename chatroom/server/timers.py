"""The clock of timers: monotonic, so that a change of the time of day moves no timeout.

Twisted and Daphne count from the time of day. When that steps back, by a correction or because a
machine was asleep, every timeout, ping and check for dead sockets happens that much later.
"""

import time
from types import SimpleNamespace
from typing import Any

from daphne import http_protocol, server, ws_protocol


def use_monotonic_clock(reactor: Any) -> None:
    """Call it before anything is scheduled."""
    reactor.seconds = time.monotonic
    for module in (server, http_protocol, ws_protocol):
        module.time = SimpleNamespace(time=time.monotonic)
