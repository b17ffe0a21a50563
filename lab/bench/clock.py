"""The one clock of the bench: every process of this machine reads the same time from it.

It runs on CLOCK_MONOTONIC, which all processes of a machine share and nobody sets, and is shown as
seconds since 1970 by an offset that the bench takes once and gives to its nodes.
"""

import os
import time

OFFSET = float(os.environ.get("LAB_CLOCK_OFFSET") or time.time() - time.monotonic())


def now() -> float:
    """Seconds since 1970."""
    return time.monotonic() + OFFSET


def error_ms() -> float:
    """How far the wall clock, which browsers show, has moved away from this one."""
    return abs(time.time() - now()) * 1000
