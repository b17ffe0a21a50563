"""Nodes do the tasks of members: another goes on where one was killed, and everyone sees it."""

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from lab.kit.node import Node
from tests import servers

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

MESSAGES = 600
FILL = """
from uuid import uuid4
from chat.maintenance import data_requests
from chat.maintenance.erasure import Choices
from chat.messages import commit
from chat.moderation import admission
from chat.rooms.models import Room
room, alice = Room.objects.get(key="lobby"), admission.join(name="Alice")
for start in range(0, {count}, 100):
    commit.commit_batch(room, [
        commit.Post(alice.pk, uuid4().hex, f"a secret {{number}}")
        for number in range(start, start + 100)
    ])
data_requests.ask_deletion(member=alice, device=0, typed="Alice", choices=Choices())
"""


@pytest.fixture
def database_url() -> Iterator[str]:
    with servers.postgres() as server:
        name = f"tasks_{uuid.uuid4().hex}"
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
            yield urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def nodes(database_url: str, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(servers.private_redis(servers.free_port()))
        more = {"DATABASE_URL": database_url, "REDIS_URL": redis.url, "RATE_LIMITS": "off"}
        first = Node.at_free_port("first", tmp_path, os.environ, more)
        second = Node.at_free_port("second", tmp_path, os.environ, more)
        first.manage("migrate", "-v0")
        yield stack.enter_context(first), second
        second.stop(signal.SIGKILL)


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It takes too long."
        time.sleep(0.1)


def test_another_node_goes_on_where_one_was_killed(
    nodes: tuple[Node, Node], database_url: str
) -> None:
    first, second = nodes
    first.manage("shell", "-v0", "-c", FILL.format(count=MESSAGES))
    with psycopg.connect(database_url, autocommit=True) as database:

        def task() -> tuple[int, bool, str]:
            [row] = database.execute(
                "SELECT done, finished_at IS NOT NULL, worker FROM chat_membertask"
            ).fetchall()
            return row

        wait_until(lambda: task()[0] > 0)
        first.stop(signal.SIGKILL)
        done = task()[0]
        assert 0 < done < MESSAGES
        second.start()

        wait_until(lambda: task()[1])

        assert task()[2].startswith("second.")
        [(left,)] = database.execute(
            "SELECT count(*) FROM chat_message WHERE body <> '' OR deleted_at IS NULL"
        )
        assert left == 0
        numbers = database.execute(
            "SELECT seq FROM chat_message UNION ALL SELECT seq FROM chat_change ORDER BY seq"
        )
        assert [seq for (seq,) in numbers] == list(range(1, 2 * MESSAGES + 1))
    assert "Traceback" not in second.log
