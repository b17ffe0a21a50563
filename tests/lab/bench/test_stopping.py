"""However the bench is stopped, nothing of it is left: no process, no port, no folder."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.kit.node import ROOT
from tests.kit.terminal import in_a_terminal

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc"),
]

# What a killed bench leaves is gone after this time.
KILLED_SECONDS = 20

OPEN_A_BENCH = """
import asyncio
from pathlib import Path
from lab.bench.bench import open_bench
from lab.kit.watchdog import temporary_folder

async def main():
    with temporary_folder("lab-") as folder:
        async with open_bench(Path(folder)) as bench:
            await bench.client("Ada", 1, await bench.new_room())
            await bench.load(4, 5)
            for fault, target in {faults}:
                await bench.fault(fault, target)
            proxies = [proxy.port for proxy in bench.stack.proxies.values()]
            print("ports", *proxies, *(node.node.port for node in bench.nodes), flush=True)
            await asyncio.Event().wait()

asyncio.run(main())
"""


class Opened:
    """A bench in a process of its own, whose children can be told by a mark."""

    def __init__(self, folder: Path, faults: list[tuple[str, str]]) -> None:
        self.mark = f"LAB_MARK={uuid.uuid4()}"
        self.folder = folder
        name, _, value = self.mark.partition("=")
        environment = {"TMPDIR": str(folder), "SECRET_KEY": "only-for-tests", name: value}
        with in_a_terminal():
            self.process = subprocess.Popen(
                [sys.executable, "-c", OPEN_A_BENCH.format(faults=faults)],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )

    def ports(self) -> list[int]:
        """Of all its proxies and nodes, as soon as it is open."""
        assert self.process.stdout is not None
        return [int(port) for port in re.findall(r"\d+", self.process.stdout.readline())]

    def interrupt(self) -> None:
        """As Ctrl+C does; return when it has ended."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        """As `kill -9` does it; return when everything has had time to end."""
        self.process.kill()
        self.process.communicate()
        deadline = time.monotonic() + KILLED_SECONDS
        while self.left() and time.monotonic() < deadline:
            time.sleep(0.05)

    def left(self) -> list[str]:
        """Its processes that still run, and its files that are still there."""
        return [*self._processes(), *(str(path) for path in self.folder.iterdir())]

    def _processes(self) -> Iterator[str]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    yield (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.5, 2.5, 4.0])
def test_interrupted_while_it_starts(tmp_path: Path, seconds: float) -> None:
    opened = Opened(tmp_path, [])
    # The moment is arbitrary; every one must do.
    time.sleep(seconds)

    opened.interrupt()

    assert opened.left() == []


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [("freeze", "node-1"), ("pause", "redis"), ("silence", "postgres-2")],
        [("kill", "postgres"), ("drain", "node-2"), ("cut", "people-1")],
    ],
    ids=["whole", "frozen", "killed"],
)
def test_interrupted_while_it_runs(tmp_path: Path, faults: list[tuple[str, str]]) -> None:
    opened = Opened(tmp_path, faults)
    ports = opened.ports()
    assert len(ports) == 8, opened.process.communicate()
    assert any("manage.py serve" in left for left in opened.left())

    opened.interrupt()

    assert opened.left() == []
    assert [port for port in ports if answers(port)] == []


@pytest.mark.parametrize(
    "faults",
    [[], [("freeze", "node-1"), ("pause", "redis"), ("cut", "people-1")]],
    ids=["whole", "frozen"],
)
def test_killed_while_it_runs(tmp_path: Path, faults: list[tuple[str, str]]) -> None:
    opened = Opened(tmp_path, faults)
    ports = opened.ports()
    assert len(ports) == 8, opened.process.communicate()

    opened.kill()

    assert opened.left() == []
    assert [port for port in ports if answers(port)] == []


@pytest.mark.parametrize("seconds", [0.8, 1.5, 2.5, 4.0])
def test_killed_while_it_starts(tmp_path: Path, seconds: float) -> None:
    opened = Opened(tmp_path, [])
    # The moment is arbitrary; every one must do.
    time.sleep(seconds)

    opened.kill()

    assert opened.left() == []


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
