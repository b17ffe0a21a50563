"""Autobahn's fuzzing client (its cases, run by kosoku) against our Daphne; see echo.py."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients import ROOT
from tests.servers import free_port
from tests.sockets import RawSocket, wait_until

# We speak no extension: the cases of permessage-deflate (12 and 13) find it refused, as it should.
LEFT_OUT = ["12.*", "13.*"]


@pytest.mark.slow
def test_our_sockets_conform_to_rfc_6455(tmp_path: Path) -> None:
    with echo_server(tmp_path) as port:
        left_out = [argument for cases in LEFT_OUT for argument in ("--exclude", cases)]
        ended = subprocess.run(
            [Path(sys.executable).parent / "kosoku", "--outdir", tmp_path, "--parallelism", "8",
             *left_out, f"ws://127.0.0.1:{port}"],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    [results] = json.loads((tmp_path / "index.json").read_text()).values()
    verdicts = Counter(verdict["behavior"] for verdict in results.values())
    # The three ask what the RFC leaves open.
    assert verdicts == {"OK": 298, "INFORMATIONAL": 3}
    assert (tmp_path / "echo.log").read_text() == ""


@contextmanager
def echo_server(folder: Path) -> Iterator[int]:
    port = free_port()
    with (folder / "echo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.autobahn.echo", str(port)],
            cwd=ROOT, env=os.environ | {"REDIS_URL": ""}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or _listens(port), 30)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _listens(port: int) -> bool:
    try:
        RawSocket(port).close()
    except OSError:
        return False
    return True
