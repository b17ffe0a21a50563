"""What is killed cleans up nothing; the watchdog does."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.kit.node import ROOT

pytestmark = pytest.mark.once

START = """
import subprocess, time
from lab.kit import watchdog

with watchdog.temporary_folder("mine-") as folder:
    sleeping = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, start_new_session=True)
    watchdog.guard(sleeping.pid)
    {then}
    print(sleeping.pid, folder, flush=True)
    {last}
"""
SECONDS = 20


def run(then: str, last: str) -> tuple["subprocess.Popen[str]", int, Path]:
    """A process that holds a child and a folder, and those two."""
    process = subprocess.Popen(
        [sys.executable, "-c", START.format(then=then, last=last)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    pid, folder = process.stdout.readline().split()
    return process, int(pid), Path(folder)


def test_what_a_killed_process_started_ends_with_it() -> None:
    process, pid, folder = run("", "time.sleep(600)")
    assert folder.exists()

    process.kill()
    process.communicate()

    gone_by = time.monotonic() + SECONDS
    while (runs(pid) or folder.exists()) and time.monotonic() < gone_by:
        time.sleep(0.02)
    assert not runs(pid)
    assert not folder.exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_child_that_was_released_is_left_alone(how: signal.Signals) -> None:
    process, pid, folder = run("watchdog.release(sleeping.pid)", "time.sleep(600)")

    process.send_signal(how)
    process.communicate()

    gone_by = time.monotonic() + SECONDS
    while folder.exists() and time.monotonic() < gone_by:
        time.sleep(0.02)
    assert not folder.exists()
    assert runs(pid)
    subprocess.run(["kill", str(pid)], check=True)


def test_an_end_in_order_removes_the_folder_and_kills_nobody() -> None:
    process, pid, folder = run("", "sleeping.returncode = 0")

    process.communicate(timeout=SECONDS)

    assert not folder.exists()
    assert runs(pid)
    subprocess.run(["kill", str(pid)], check=True)


def runs(pid: int) -> bool:
    """Whether it runs; one that has ended, and that nobody has asked for yet, does not."""
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(shown) and not shown.startswith("Z")
