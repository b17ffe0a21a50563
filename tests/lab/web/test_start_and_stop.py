"""`make lab` is up soon, and leaves nothing: no process, no port, no folder."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from .conftest import ROOT, OpenLab, open_lab, start_lab
from .test_guards import open_ports

# By hand: LAB_STOPS=20 looks as often as the promise says.
TIMES = int(os.environ.get("LAB_STOPS", "1"))
# After `kill -9` somebody else cleans up, and nobody waits for it.
KILLED_SECONDS = 20


@pytest.mark.browser
@pytest.mark.parametrize("number", range(TIMES))
@pytest.mark.parametrize(
    "how",
    [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)],
)
def test_it_leaves_nothing(tmp_path: Path, how: signal.Signals, number: int) -> None:
    begun = time.monotonic()
    with open_lab(tmp_path, how) as lab:
        assert time.monotonic() - begun < 60
        family = family_of(lab)
        assert len(family) > 4

    assert lab.process.returncode == 0
    assert left(lab, family) == []


@pytest.mark.slow
def test_it_is_told_twice_while_it_does_something(tmp_path: Path) -> None:
    with open_lab(tmp_path, signal.SIGTERM) as lab:
        family = family_of(lab)
        lab.post("/api/fault", {"name": "copy", "target": "postgres"})
        failing_over = {"name": "fail-over", "target": "postgres"}
        acting = threading.Thread(target=ask_in_vain, args=(lab, failing_over))
        acting.start()
        # The moment is arbitrary; every one must do.
        time.sleep(0.1)
        lab.process.terminate()
        time.sleep(0.1)

    acting.join()
    assert lab.process.returncode == 0
    assert left(lab, family) == []


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0])
def test_ctrl_c_while_it_starts(tmp_path: Path, seconds: float) -> None:
    lab = start_lab(tmp_path)
    # The moment is arbitrary; every one must do.
    time.sleep(seconds)
    family = family_of(lab)

    # A terminal tells everyone, the servers' installers too.
    os.killpg(lab.process.pid, signal.SIGINT)
    said, _ = lab.process.communicate(timeout=60)

    assert "Traceback" not in said
    assert left(lab, family) == []


@pytest.mark.slow
def test_killed_it_leaves_nothing_either(tmp_path: Path) -> None:
    with open_lab(tmp_path, signal.SIGKILL) as lab:
        family = family_of(lab)
        lab.post("/api/fault", {"name": "freeze", "target": "node-1"})

    deadline = time.monotonic() + KILLED_SECONDS
    while left(lab, family) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left(lab, family) == []


@pytest.mark.browser
def test_a_second_lab_says_that_the_first_is_open(tmp_path: Path) -> None:
    with open_lab(tmp_path) as lab:
        command = [sys.executable, "manage.py", "lab", "serve", "--port", str(lab.port)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert second.returncode != 0
    assert f"Port {lab.port} is taken. Is the lab open already?" in second.stderr


# A process is its number and when it began: numbers are given again.
Process = tuple[int, str]


def family_of(lab: OpenLab) -> set[Process]:
    return {(pid, began(pid)) for pid in {lab.process.pid} | descendants(lab.process.pid)}


def left(lab: OpenLab, family: set[Process]) -> list[object]:
    """Processes that still run, ports that still listen, files that are still there."""
    ours = range(lab.port, lab.port + 3)
    return [
        *(pid for pid, at in family if at and began(pid) == at),
        *(port for _, port in open_ports() if port in ours),
        *lab.temporary.iterdir(),
    ]


def began(pid: int) -> str:
    """When it began, in ticks; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[19]
    except OSError:
        return ""


def ask_in_vain(lab: OpenLab, body: object) -> None:
    """It ends before it answers."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        lab.post("/api/fault", body)


def descendants(pid: int) -> set[int]:
    """Children and theirs; a server is in a session of its own, but is still a child."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                found |= {child} | descendants(child)
    return found
