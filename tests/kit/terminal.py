"""Processes that are told of Ctrl+C and of a closed terminal, however the tests were started."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def in_a_terminal() -> Iterator[None]:
    """What is started in here heeds both signals. A shell's background and `nohup` have everything
    that they start ignore them.
    """
    handlers = {one: signal.signal(one, signal.SIG_DFL) for one in (signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
