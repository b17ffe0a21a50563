"""A node in a process of its own, and what it uses of this machine."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from . import servers, watchdog
from .deployment import Endpoint, LogLine

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30
STOP_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")
_LOG_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) (\w+) \S+: (.*)$")


class ManageError(servers.NoServerError):
    """A management command failed; the message is what it said."""


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a management command and return what it printed."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ManageError(done.stderr)
    return done.stdout


@dataclass
class Node(Endpoint):
    """A `manage.py serve` at a fixed port; it can be stopped, and started again there."""

    environment: dict[str, str]
    log_file: Path
    command: list[str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _starting: threading.Lock = field(default_factory=threading.Lock, init=False)
    _is_over: bool = field(default=False, init=False)

    @classmethod
    def at_free_port(
        cls,
        name: str,
        folder: Path,
        common: Mapping[str, str],
        own: Mapping[str, str],
        *options: str,
        under: Sequence[str] = (),
        **fields: Any,
    ) -> Self:
        """Not started yet. Its `own` environment wins over what it has in `common` with others.

        `under`: a command that starts it; `fields`: those of a subclass.
        """
        port = servers.free_port()
        address = {"NODE_NAME": name, "SITE_ORIGINS": f"http://127.0.0.1:{port}"}
        environment = {**common, **address, **own}
        serve = [*under, sys.executable, "manage.py", "serve", "--port", str(port), *options]
        log_file = folder / f"{name}-{port}.log"
        return cls(name, port, environment, log_file, serve, **fields)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def start(self) -> None:
        """Return when it takes connections."""
        with self._starting, self.log_file.open("ab") as output:
            if self._is_over:
                raise servers.NoServerError(f"{self.name} was ended for good")
            if self._process is not None:
                watchdog.release(self._process.pid)
            self._process = subprocess.Popen(  # noqa: S603
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            watchdog.guard(self._process.pid)
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise servers.NoServerError(f"{self.name} did not start:\n{self.log}")

    def send(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Return its exit code when it is gone."""
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        watchdog.release(self._process.pid)
        return code

    def end(self) -> None:
        """Kill it for good: a start that is on its way in another thread fails."""
        with self._starting:
            self._is_over = True
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def manage(self, *arguments: str) -> str:
        """Run a management command beside this node."""
        return manage(self.environment, *arguments)

    def log_lines(self) -> Iterator[LogLine]:
        for line in self.log.splitlines():
            if found := _LOG_LINE.match(line):
                moment = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
                at = moment.timestamp() + int(found[2]) / 1000
                yield LogLine(at, self.name, found[3], found[4])

    def processor_seconds(self) -> float:
        """Used so far, by its workers too (Linux)."""
        return sum(_processor_seconds(pid) for pid in _family(self.process.pid))

    def memory(self) -> int:
        """Resident bytes, with those of its workers."""
        pids = ",".join(map(str, _family(self.process.pid)))
        shown = subprocess.check_output(["ps", "-o", "rss=", "-p", pids])  # noqa: S603, S607
        return sum(map(int, shown.split())) * 1024


def _family(pid: int) -> list[int]:
    """A process and its children, where /proc shows them."""
    family = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        family += map(int, children.read_text().split())
    return family


def _processor_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS
