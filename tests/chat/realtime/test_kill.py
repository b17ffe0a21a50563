"""A node is killed under load, again and again: no acknowledged message is lost, doubled or moved.

`KILLS=20 .venv/bin/python tests/run tests/chat/realtime/test_kill.py -s` is the long run.
"""

import contextlib
import os
import random
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from lab.kit.node import Node
from tests import servers

from ..chat_clients import ROOM, Talker, wait_until_all

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

KILLS = int(os.environ.get("KILLS", "3"))
TALKERS = 5
# Each talker gets so many answers between two kills.
BETWEEN_KILLS = 40


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """An empty database on a server that really writes to disk."""
    with servers.postgres(durable=True) as server:
        name = f"kill_{uuid.uuid4().hex}"
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
            yield urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def node(database_url: str, tmp_path: Path) -> Iterator[Node]:
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(servers.private_redis(servers.free_port()))
        more = {"DATABASE_URL": database_url, "REDIS_URL": redis.url, "RATE_LIMITS": "off"}
        node = Node.at_free_port("node", tmp_path, os.environ, more)
        node.manage("migrate", "-v0")
        yield stack.enter_context(node)


@pytest.fixture
def talkers(node: Node) -> Iterator[list[Talker]]:
    cookies = node.manage("mint_sessions", str(TALKERS), "--prefix", "Talker ").splitlines()
    talkers = [Talker(f"t{n}", node, cookie) for n, cookie in enumerate(cookies)]
    for talker in talkers:
        talker.start()
    yield talkers
    for talker in talkers:
        talker.stopped.set()
    for talker in talkers:
        talker.join()


def test_what_was_acknowledged_survives_every_kill(
    node: Node, talkers: list[Talker], database_url: str
) -> None:
    at_random = random.Random(KILLS)
    for _ in range(KILLS):
        answered = {talker: len(talker.acknowledged) for talker in talkers}
        wait_until_all(talkers, lambda t, a=answered: len(t.acknowledged) > a[t] + BETWEEN_KILLS)
        time.sleep(at_random.uniform(0, 0.02))  # anywhere in a commit
        node.stop(signal.SIGKILL)
        node.start()
    for talker in talkers:
        talker.hushed.set()
    wait_until_all(talkers, lambda talker: not talker.outbox)

    with psycopg.connect(database_url, autocommit=True) as database:
        head = heads(database)[0]
        wait_until_all(talkers, lambda talker: talker.at == head)
        assert_the_log_is_whole(database)
        assert_everyone_holds_the_log(database, talkers)
    report(talkers, head)
    assert min(talker.connections for talker in talkers) > KILLS
    assert "Traceback" not in node.log


def heads(database: psycopg.Connection) -> tuple[int, int]:
    """The head, and how many rows the log has."""
    [row] = database.execute(
        "SELECT head, (SELECT count(*) FROM chat_message m WHERE m.room_id = h.room_id)"
        " FROM chat_roomhead h JOIN chat_room r ON r.id = h.room_id WHERE r.key = %s",
        [ROOM],
    ).fetchall()
    return row


def assert_the_log_is_whole(database: psycopg.Connection) -> None:
    head, rows = heads(database)
    numbers = [seq for (seq,) in database.execute("SELECT seq FROM chat_message ORDER BY seq")]
    assert numbers == list(range(1, head + 1))
    [(keys,)] = database.execute("SELECT count(DISTINCT (author_id, client_id)) FROM chat_message")
    assert keys == rows == head


def assert_everyone_holds_the_log(database: psycopg.Connection, talkers: list[Talker]) -> None:
    stored = {
        client_id: (seq, str(uid), body)
        for client_id, seq, uid, body in database.execute(
            "SELECT client_id, seq, uid, body FROM chat_message"
        )
    }
    assert stored.keys() == {key for talker in talkers for key in talker.acknowledged}
    for talker in talkers:
        for client_id, answer in talker.acknowledged.items():
            assert stored[client_id][:2] == answer
        own = sorted(talker.acknowledged)
        assert own == sorted(own, key=lambda key: stored[key][0]), "in the order of saying"
        held = {m["client_id"]: (m["seq"], m["id"], m["body"]) for m in talker.applied.values()}
        first = min(talker.applied)
        assert held == {key: row for key, row in stored.items() if row[0] >= first}
        assert not talker.wrong


def report(talkers: list[Talker], head: int) -> None:
    resumed = sum(talker.connections - 1 for talker in talkers)
    print(
        f"\n{KILLS} kills, {head} messages, {resumed} resumes,"
        f" {sum(talker.caught_up for talker in talkers)} messages caught up with,"
        f" {sum(talker.resets for talker in talkers)} resets"
    )
