"""The clock of timers: how long something takes, whatever becomes of the time of day.

Twisted and Daphne count from the time of day. Where that steps back, by a correction or a machine
that was asleep, everything that was to happen within a time happens that much later: no timeout,
no ping, no look for who is gone.
"""

import time
from types import SimpleNamespace
from typing import Any

from daphne import http_protocol, server, ws_protocol


def use_monotonic_clock(reactor: Any) -> None:
    """Before anything is scheduled."""
    reactor.seconds = time.monotonic
    for module in (server, http_protocol, ws_protocol):
        module.time = SimpleNamespace(time=time.monotonic)
