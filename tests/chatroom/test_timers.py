"""A node whose time of day is set anew keeps its appointments."""

import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatroom.server.http import HEAD_SECONDS
from tests.clients import Node, deployment
from tests.sockets import PATIENCE_SECONDS

# `manage.py` in a world where SIGUSR1 sets the clock back by an hour, and SIGUSR2 on by one.
WORLD = """
import runpy, signal, sys, time
real, set_by = time.time, [0.0]
time.time = lambda: real() + set_by[0]
signal.signal(signal.SIGUSR1, lambda *_: set_by.__setitem__(0, -3600.0))
signal.signal(signal.SIGUSR2, lambda *_: set_by.__setitem__(0, 3600.0))
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
SLOW = {
    "nothing at all": b"",
    "half a request": b"GET / HT",
    "half a head": b"GET /rooms/lobby/ HTTP/1.1\r\nHost: local",
    "half a handshake": b"GET /ws/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n",
}


@contextmanager
def in_another_time() -> Iterator[Node]:
    with deployment() as place, place.node("late", under=[sys.executable, "-c", WORLD]) as node:
        yield node


@pytest.mark.once
@pytest.mark.parametrize("step", [signal.SIGUSR1, signal.SIGUSR2])
def test_what_does_not_come_in_time_is_hung_up_on_whatever_the_clock_says(
    step: signal.Signals,
) -> None:
    with in_another_time() as node:
        alice = node.connect()
        alice.ask("ping")
        slow = [socket.create_connection(("127.0.0.1", node.port)) for _ in SLOW]
        for one, said in zip(slow, SLOW.values(), strict=True):
            one.sendall(said)
            one.settimeout(HEAD_SECONDS + PATIENCE_SECONDS)
        alice.ask("ping")

        node.process.send_signal(step)

        for one in slow:
            with one:
                assert one.recv(100) == b""
        assert alice.ask("ping")["type"] == "pong"
        assert node.stop() == 0
