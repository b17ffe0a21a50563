"""A node that is told to stop answers what it has begun, and is gone within its grace."""

import http.client
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from urllib.parse import urlencode

import pytest

from chatroom.server.daphne_server import EXIT_SECONDS
from chatroom.server.drain import ANSWER_SECONDS, DRAIN_SECONDS
from tests.clients import Deployment, Node, deployment
from tests.sockets import PATIENCE_SECONDS, wait_until

TOKEN = "t" * 32
# What one person asks for again and again.
ASKED = {
    "the room": ("GET", "/rooms/lobby/"),
    "a message": ("GET", "/rooms/lobby/3/"),
    "the way in": ("GET", "/"),
    "a form": ("POST", "/rooms/lobby/messages/"),
    "a page that is not there": ("GET", "/rooms/nowhere/"),
}


@pytest.fixture(scope="module")
def talked_in() -> Iterator[Deployment]:
    """A place with a log, which outlives its nodes."""
    with deployment() as place:
        place.node().manage("populate", "--room", "lobby", "--messages", "60")
        yield replace(place, cookies=cycle(list(place.cookies)))


@pytest.fixture
def node(talked_in: Deployment) -> Iterator[Node]:
    with talked_in.node("stopped", RATE_LIMITS="off") as node:
        yield node


class Asker:
    """Asks for one thing on a connection that it keeps, until that is closed."""

    def __init__(self, node: Node, method: str, path: str, *, once: bool = False) -> None:
        self.answers: list[int] = []
        self.error: Exception | None = None
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        self._method, self._path = method, path
        self._headers = {
            "Cookie": f"{next(node.cookies)}; csrftoken={TOKEN}",
            "Origin": node.origin,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.ask()
        self._once = once
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def ask(self) -> None:
        fields = {"csrfmiddlewaretoken": TOKEN, "client_id": f"c-{id(self)}", "body": "hello"}
        body = urlencode(fields) if self._method == "POST" else None
        self._connection.request(self._method, self._path, body, self._headers)

    def finish(self) -> None:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        self._connection.close()

    def _run(self) -> None:
        try:
            while True:
                answer = self._connection.getresponse()
                answer.read()
                self.answers.append(answer.status)
                # The last answer says that no other follows.
                if self._once or answer.headers.get("Connection") == "close":
                    return
                self.ask()
        except Exception as error:
            self.error = error


def stopped(node: Node, *signals: signal.Signals) -> tuple[int, float]:
    """Tell the node; its exit code, and after how many seconds it was gone."""
    began = time.monotonic()
    for one in signals or (signal.SIGTERM,):
        node.process.send_signal(one)
        time.sleep(0.3)
    return node.process.wait(60), time.monotonic() - began


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_a_node_that_is_asked_all_the_time_ends(node: Node, asked: tuple[str, str]) -> None:
    askers = [Asker(node, *asked) for _ in range(6)]
    wait_until(lambda: all(asker.answers for asker in askers))

    code, seconds = stopped(node)

    assert code == 0
    assert seconds < ANSWER_SECONDS + EXIT_SECONDS
    for asker in askers:
        asker.finish()
        # Between two requests a connection may be closed; in the middle of an answer it is not.
        assert not isinstance(asker.error, http.client.IncompleteRead | TimeoutError)
    assert "Traceback" not in node.log


@pytest.mark.parametrize("path", ["/rooms/lobby/", "/rooms/lobby/30/", "/rooms/lobby/missed/1/"])
def test_whatever_was_asked_before_is_answered(node: Node, path: str) -> None:
    askers = [Asker(node, "GET", path, once=True) for _ in range(80)]
    knock(node)

    code, _ = stopped(node)

    for asker in askers:
        asker.finish()
    assert code == 0
    assert [asker.error for asker in askers] == [None] * 80
    assert {status for asker in askers for status in asker.answers} <= {200, 302, 503}


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGINT, signal.SIGTERM),
        (signal.SIGTERM, signal.SIGINT, signal.SIGTERM),
    ],
)
def test_a_second_signal_changes_nothing(node: Node, signals: tuple[signal.Signals, ...]) -> None:
    askers = [Asker(node, "GET", "/rooms/lobby/", once=True) for _ in range(40)]
    knock(node)

    code, seconds = stopped(node, *signals)

    for asker in askers:
        asker.finish()
    assert code == 0
    assert seconds < ANSWER_SECONDS + EXIT_SECONDS
    assert [asker.error for asker in askers] == [None] * 40


@pytest.mark.sqlite
def test_what_waits_for_the_database_holds_nobody_back(node: Node) -> None:
    with written_by_someone_else(node):
        askers = [Asker(node, *ASKED["a form"], once=True) for _ in range(10)]
        knock(node)

        code, seconds = stopped(node)

    for asker in askers:
        asker.finish()
    assert code == 0
    assert seconds < DRAIN_SECONDS
    # Seven waited for a thread; three had one, which waited for the database.
    refused = [asker for asker in askers if asker.answers == [503]]
    assert len(refused) >= 7


@contextmanager
def written_by_someone_else(node: Node) -> Iterator[None]:
    path = node.environment["DATABASE_URL"].removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None)
    # What a node writes when it starts is written.
    alive = "SELECT node FROM chat_nodebeat WHERE node LIKE 'stopped.%'"
    wait_until(lambda: connection.execute(alive).fetchall())
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


def knock(node: Node) -> None:
    """Answered when everything that was asked before has been taken in."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
