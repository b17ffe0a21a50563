"""`make lab` is up soon, and leaves nothing: no process, no port, no folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import ROOT, open_lab
from .test_guards import open_ports

pytestmark = pytest.mark.browser

# By hand: LAB_STOPS=20 looks as often as the promise says.
TIMES = int(os.environ.get("LAB_STOPS", "1"))


@pytest.mark.parametrize("number", range(TIMES))
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_nothing(tmp_path: Path, how: signal.Signals, number: int) -> None:
    begun = time.monotonic()
    with open_lab(tmp_path, how) as lab:
        assert time.monotonic() - begun < 60
        family = {lab.process.pid} | descendants(lab.process.pid)
        assert len(family) > 4

    assert lab.process.returncode == 0
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []
    ours = range(lab.port, lab.port + 3)
    assert [port for _, port in open_ports() if port in ours] == []
    assert list(lab.temporary.iterdir()) == []


def test_a_second_lab_says_that_the_first_is_open(tmp_path: Path) -> None:
    with open_lab(tmp_path) as lab:
        command = [sys.executable, "manage.py", "lab", "serve", "--port", str(lab.port)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert second.returncode != 0
    assert f"Port {lab.port} is taken. Is the lab open already?" in second.stderr


def descendants(pid: int) -> set[int]:
    """Children and theirs; a server is in a session of its own, but is still a child."""
    found: set[int] = set()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found |= {child} | descendants(child)
    return found
