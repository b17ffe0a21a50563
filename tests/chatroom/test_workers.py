"""Several workers behind one port: one room, and no way to see that they are several."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from chat.management.commands.serve import _address
from tests.clients import Node, deployment
from tests.sockets import PATIENCE_SECONDS, Client, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def pair() -> Iterator[Node]:
    with deployment() as place, place.node("pair", "--workers", "2") as node:
        wait_until(lambda: len(workers_of(node)) == 2)
        yield node


def test_people_on_two_workers_are_in_one_room(pair: Node) -> None:
    here, there = on_two_workers(pair)
    here.enter("lobby")
    there.enter("lobby")

    accepted = here.say("lobby", "across")

    changes = there.receive("room.changes", to=accepted["seq"])
    assert changes["messages"][0]["body"] == "across"


def test_a_dead_worker_is_replaced(pair: Node) -> None:
    before = workers_of(pair)
    victim = before[0]

    os.kill(victim, signal.SIGKILL)

    wait_until(lambda: len(workers_of(pair)) == 2 and victim not in workers_of(pair))
    here, there = on_two_workers(pair)
    assert here.hello["node"] != there.hello["node"]


@pytest.mark.parametrize("host", ["::", "[::]"])
def test_every_address_is_every_address_of_both_kinds(host: str) -> None:
    """As for a single node. The clients of these tests come by IPv4."""
    with deployment() as place, place.node("both", "--workers", "2", "--host", host) as node:
        wait_until(lambda: len(workers_of(node)) == 2)
        for address in ("127.0.0.1", "::1"):
            assert answers(address, node.port).startswith(b"HTTP/1.0 200")
        assert node.connect().hello["node"].startswith("both-")
        assert f"http://localhost:{node.port}" in node.log


def answers(host: str, port: int) -> bytes:
    with socket.create_connection((host, port), 5) as visitor:
        visitor.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        return visitor.recv(1000)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("::1", "http://[::1]:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("::", "http://localhost:8000"),
        ("0.0.0.0", "http://localhost:8000"),  # noqa: S104 - nobody listens
        ("192.0.2.1", "http://192.0.2.1:8000"),
        ("chat.example.org", "http://chat.example.org:8000"),
    ],
)
def test_an_address_is_shown_as_browsers_take_it(host: str, shown: str) -> None:
    assert _address(host, 8000) == shown


def test_a_stop_lets_everyone_go_with_a_word(pair: Node) -> None:
    tabs = on_two_workers(pair)
    workers = workers_of(pair)

    assert pair.stop() == 0

    assert [tab.receive("bye")["code"] for tab in tabs] == [4000, 4000]
    assert not any(os.path.exists(f"/proc/{worker}") for worker in workers)


@pytest.mark.parametrize("seconds", [0.0, 0.4, 0.9, 1.3])
def test_a_stop_while_a_worker_is_replaced_stops_them_all(pair: Node, seconds: float) -> None:
    victim, other = workers_of(pair)
    tab = pair.connect()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: "starting another" in pair.log)
    time.sleep(seconds)

    assert pair.stop() == 0

    assert tab.close_code() in {4000, 1006}
    assert not os.path.exists(f"/proc/{other}")
    assert "Traceback" not in pair.log
    assert workers_of(pair) == []


@pytest.mark.parametrize(
    "signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM)]
)
def test_a_second_stop_changes_nothing(pair: Node, signals: tuple[signal.Signals, ...]) -> None:
    workers = workers_of(pair)

    for one in signals:
        pair.process.send_signal(one)
        time.sleep(0.1)

    assert pair.process.wait(PATIENCE_SECONDS) == 0
    assert not any(os.path.exists(f"/proc/{worker}") for worker in workers)


def test_several_workers_need_a_redis_between_them() -> None:
    alone = os.environ | {"REDIS_URL": ""}

    refused = subprocess.run(
        [sys.executable, "manage.py", "serve", "--workers", "2"],
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 1
    assert "set REDIS_URL" in refused.stderr


def on_two_workers(pair: Node) -> list[Client]:
    """Two people whose sockets different workers happen to have."""
    by_worker: dict[str, Client] = {}

    def both() -> bool:
        tab = pair.connect()
        by_worker.setdefault(tab.hello["node"], tab)
        return len(by_worker) == 2

    wait_until(both)
    return [by_worker[name] for name in sorted(by_worker)]


def workers_of(pair: Node) -> list[int]:
    shown = subprocess.run(
        ["pgrep", "-P", str(pair.process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in shown.stdout.split()]
