"""Several nodes behind one port: they share a listening socket, and Redis between them."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from django.conf import settings

from chatroom.server.daphne_server import LISTEN_BACKLOG

logger = logging.getLogger(__name__)

# A worker that dies again and again is not started more often than this.
RESTART_SECONDS = 1.0
# How often the workers are looked at, and a signal is obeyed.
TURN_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Supervisor:
    """Keeps `count` workers alive until it is told to stop, and stops them in order."""

    def __init__(self, host: str, port: int, count: int) -> None:
        is_ipv6 = ":" in host
        self._listener = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if is_ipv6 else socket.AF_INET,
            backlog=LISTEN_BACKLOG,
            # `::` is every address, as it is for a single node.
            dualstack_ipv6=is_ipv6 and socket.has_dualstack_ipv6(),
        )
        self._listener.setblocking(False)
        self._count = count
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        # When the workers that are not there are to be started.
        self._due: dict[int, float] = {}
        self._stopping = False

    def run(self) -> None:
        for stop_signal in STOP_SIGNALS:
            signal.signal(stop_signal, self._stop)
        for number in range(1, self._count + 1):
            self._due[number] = 0.0
        while not self._stopping:
            self._start_due()
            self._note_dead()
            time.sleep(TURN_SECONDS)
        self._listener.close()
        for worker in self._workers.values():
            worker.terminate()
        for worker in self._workers.values():
            worker.wait()
        # The interpreter restores default handlers while it exits: a second stop would kill it.
        for stop_signal in STOP_SIGNALS:
            signal.signal(stop_signal, signal.SIG_IGN)

    def _stop(self, signal_number: int, frame: FrameType | None) -> None:
        # No more than this: it may come in the middle of starting a worker.
        self._stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for number, due in list(self._due.items()):
            if due <= now and not self._stopping:
                del self._due[number]
                self._start(number)

    def _note_dead(self) -> None:
        for number, worker in list(self._workers.items()):
            if worker.poll() is not None and not self._stopping:
                logger.error("Worker %d ended with %s; starting another", number, worker.returncode)
                del self._workers[number]
                self._due[number] = time.monotonic() + RESTART_SECONDS

    def _start(self, number: int) -> None:
        fd = self._listener.fileno()
        self._workers[number] = subprocess.Popen(  # noqa: S603
            [sys.executable, sys.argv[0], "serve", "--fd", str(fd)],
            env=os.environ | self._own_settings(number),
            pass_fds=[fd],
            # A Ctrl+C in the terminal is for us; we pass it on once.
            start_new_session=True,
        )

    def _own_settings(self, number: int) -> dict[str, str]:
        """Each worker is a node, with a name and, where there are any, metrics of its own."""
        metrics_port = settings.METRICS_PORT and settings.METRICS_PORT + number - 1
        return {
            "NODE_NAME": f"{settings.NODE_NAME}-{number}",
            "METRICS_PORT": str(metrics_port),
        }
