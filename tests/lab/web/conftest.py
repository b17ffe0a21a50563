"""A lab of our own, as `make lab` starts it, and a browser that looks at its page."""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.kit.terminal import in_a_terminal

ROOT = Path(__file__).resolve().parent.parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 60


@dataclass
class OpenLab:
    """A running lab; its page is at `origin`."""

    port: int
    process: subprocess.Popen[str]
    temporary: Path

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an answer. Headers that are "" are left out."""
        told = {"Host": f"localhost:{self.port}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method,
                path,
                json.dumps(body) if body is not None else None,
                {name: value for name, value in told.items() if value},
            )
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.headers)
        finally:
            connection.close()

    def token(self) -> str:
        found = re.search(r'data-token="([^"]+)"', self.ask("GET", "/")[1])
        assert found
        return found[1]

    def post(self, path: str, body: object) -> tuple[int, str]:
        """As the page does it."""
        status, text, _ = self.ask("POST", path, body, Origin=self.origin, X_Lab_Token=self.token())
        return status, text


def start_lab(folder: Path, port: int = 0) -> OpenLab:
    """Started by its command, with nothing done yet; not open yet."""
    port, temporary = port or free_ports(3), folder / "temporary"
    temporary.mkdir(exist_ok=True)
    named = {"LAB_PROGRESS": str(folder / "progress.json"), "TMPDIR": str(temporary)}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "REDIS_URL")
    }
    with in_a_terminal():
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.web", "--no-browser", "--port", str(port)],
            cwd=ROOT,
            env=environment | named,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    return OpenLab(port, process, temporary)


@contextmanager
def open_lab(
    folder: Path, how_to_end: signal.Signals = signal.SIGINT, port: int = 0
) -> Iterator[OpenLab]:
    """Open; ended as by Ctrl+C."""
    lab = start_lab(folder, port)
    process = lab.process
    try:
        assert process.stdout is not None
        said = ""
        while "The lab is open" not in said:
            line = process.stdout.readline()
            assert line, f"The lab did not open:\n{said}"
            said += line
        yield lab
    finally:
        process.send_signal(how_to_end)
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nothing listens on.

    Below those that the system gives to others: nobody gets one of them by chance.
    """
    while True:
        first = random.randrange(20_000, 30_000)
        with ExitStack() as probes:
            try:
                for port in range(first, first + count):
                    probe = probes.enter_context(socket.socket())
                    probe.bind(("127.0.0.1", port))
                return first
            except OSError:
                continue


# Of each module: what one leaves done or broken is not the next one's.
@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    with open_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


Look = Callable[..., Page]


@pytest.fixture
def look(browser: Browser, lab: OpenLab) -> Iterator[Look]:
    """Opens the lab's page, of which the browser complains at the end if there is anything."""
    complaints: list[str] = []
    contexts = []

    def look(width: int = 1280, height: int = 800, **options: Any) -> Page:
        size = ViewportSize(width=width, height=height)
        context = browser.new_context(locale="en-GB", viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(lab.origin)
        expect(page.locator("html")).to_have_class(re.compile("started"))
        return page

    yield look

    for context in contexts:
        context.close()
    assert complaints == []
