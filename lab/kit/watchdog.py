"""Ends what this process started when it is killed (kill -9) and can end nothing itself.

A small process waits at a pipe of which we alone hold the other end. It is told which process
groups and folders are ours. When the pipe ends, we are gone: it kills the groups and removes the
folders that are left. It imports nothing of ours, and runs as a script.
"""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

# A folder that cannot be removed in this time stays.
REMOVE_SECONDS = 10.0

_lock = threading.Lock()
_running: list["subprocess.Popen[bytes]"] = []


def guard(pid: int) -> None:
    """This child leads a process group of its own, which must not live longer than we do."""
    _tell(f"+group {pid}")


def release(pid: int) -> None:
    """It has ended, and somebody else may get its number."""
    _tell(f"-group {pid}")


@contextlib.contextmanager
def temporary_folder(prefix: str, within: Path | None = None) -> Iterator[str]:
    """A folder that is gone when the block ends, and when we are killed."""
    folder = tempfile.mkdtemp(prefix=prefix, dir=within)
    _tell(f"+folder {folder}")
    try:
        yield folder
    finally:
        _remove([folder])
        _tell(f"-folder {folder}")


def _tell(line: str) -> None:
    with _lock:
        if not _running:
            _running.append(_start())
        pipe = _running[0].stdin
        assert pipe is not None  # noqa: S101
        # Without a watchdog (somebody killed it) all goes on.
        with contextlib.suppress(BrokenPipeError):
            pipe.write(line.encode() + b"\n")
            pipe.flush()


def _start() -> "subprocess.Popen[bytes]":
    watchdog = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # What ends us from the terminal must not end it first.
        start_new_session=True,
    )
    atexit.register(_end)
    return watchdog


def _end() -> None:
    """We end in order, and our blocks have ended what was ours."""
    with contextlib.suppress(BrokenPipeError):
        _running.pop().communicate(b"done\n")


def _watch() -> None:
    """The other process: listen until the pipe ends, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    folders: set[str] = set()
    for line in sys.stdin:
        act, _, what = line.rstrip("\n").partition(" ")
        match act:
            case "+group":
                groups.add(int(what))
            case "-group":
                groups.discard(int(what))
            case "+folder":
                folders.add(what)
            case "-folder":
                folders.discard(what)
            case "done":
                return
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    _remove(folders)


def _remove(folders: Collection[str]) -> None:
    """Again and again: a process that is about to end may still write there."""
    deadline = time.monotonic() + REMOVE_SECONDS
    while True:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        if not any(map(os.path.exists, folders)) or time.monotonic() > deadline:
            return
        time.sleep(0.05)


if __name__ == "__main__":
    _watch()
