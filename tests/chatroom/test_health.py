"""What probes are told, on a real node: whether it turns, and whether to send people."""

import http.client
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import psycopg
import pytest

from chatroom import VERSION
from tests import clients, servers
from tests.clients import Node, deployment
from tests.metrics import Metrics
from tests.sockets import wait_until

served = clients.served


def test_a_node_that_has_its_schema_is_ready(served: Node) -> None:
    wait_until(lambda: probe(served, "/readyz") == (HTTPStatus.OK, "ok"))

    assert probe(served, "/healthz") == (HTTPStatus.OK, f"ok {VERSION}")


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "evil.example"])
def test_probes_need_no_name_that_we_know(served: Node, host: str) -> None:
    assert probe(served, "/healthz", host) == (HTTPStatus.OK, f"ok {VERSION}")
    assert probe(served, "/rooms/lobby/", host)[0] == HTTPStatus.BAD_REQUEST


def test_probes_of_a_site_under_https_come_over_plain_http() -> None:
    with deployment() as place, place.node(SITE_ORIGINS="https://chat.example") as node:
        wait_until(lambda: probe(node, "/readyz") == (HTTPStatus.OK, "ok"))

        assert probe(node, "/rooms/lobby/")[0] == HTTPStatus.MOVED_PERMANENTLY


@pytest.fixture
def empty_database() -> Iterator[str]:
    """A database without any table."""
    url = clients.named(name := f"empty_{uuid.uuid4().hex}")
    with psycopg.connect(clients.named("postgres"), autocommit=True) as postgres:
        postgres.execute(f"CREATE DATABASE {name}")
        yield url
        postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.postgres
@pytest.mark.slow
def test_a_node_waits_for_its_schema_and_never_again_for_its_database(empty_database: str) -> None:
    with deployment() as place, place.node(DATABASE_URL=empty_database) as node:
        wait_until(lambda: "migrate" in probe(node, "/readyz")[1])
        assert probe(node, "/readyz")[0] == HTTPStatus.SERVICE_UNAVAILABLE
        assert probe(node, "/healthz")[0] == HTTPStatus.OK

        node.manage("migrate", "-v0")

        wait_until(lambda: probe(node, "/readyz")[0] == HTTPStatus.OK)

        lose(empty_database)

        assert probe(node, "/rooms/lobby/")[0] == HTTPStatus.SERVICE_UNAVAILABLE
        assert probe(node, "/readyz")[0] == HTTPStatus.OK


@pytest.mark.postgres
@pytest.mark.slow
def test_a_node_says_that_nothing_can_be_written_and_stays_ready() -> None:
    """Until it can be; then nothing has to be restarted."""
    port = servers.free_port()
    with deployment() as place, place.node(METRICS_PORT=str(port)) as node:
        metrics = Metrics(port)
        wait_until(lambda: probe(node, "/readyz") == (HTTPStatus.OK, "ok"))
        metrics.becomes(1, "chatroom_database_writable")
        talker, room = node.connect(), next(node.rooms)
        talker.enter(room)

        with read_only(node.environment["DATABASE_URL"]):
            said = "ok, but nothing can be written: The database takes no writes."
            wait_until(lambda: probe(node, "/readyz") == (HTTPStatus.OK, said), 30)
            metrics.becomes(0, "chatroom_database_writable")
            assert probe(node, "/rooms/lobby/")[0] == HTTPStatus.OK
            assert talker.ask("message.send", **words(room))["code"] == "unavailable"

        wait_until(lambda: probe(node, "/readyz") == (HTTPStatus.OK, "ok"), 30)
        metrics.becomes(1, "chatroom_database_writable")
        assert talker.ask("message.send", **words(room))["type"] == "message.accepted"
        assert "Traceback" not in node.log


def words(room: str) -> dict[str, str]:
    return {"room": room, "client_id": uuid.uuid4().hex, "body": "hello"}


def test_a_node_that_will_stop_says_so_first_and_takes_people_in_until_it_does() -> None:
    with deployment() as place, place.node(DRAIN_NOTICE_SECONDS="3") as node:
        wait_until(lambda: probe(node, "/readyz")[0] == HTTPStatus.OK)

        node.process.terminate()

        wait_until(lambda: probe(node, "/readyz")[0] == HTTPStatus.SERVICE_UNAVAILABLE)
        assert probe(node, "/healthz")[0] == HTTPStatus.OK
        late = node.connect()
        assert late.receive("bye")["code"] == 4000
        assert node.process.wait(30) == 0


@contextmanager
def read_only(database: str) -> Iterator[None]:
    """As PostgreSQL is where it became a standby, or spares a disk that is nearly full."""
    name = database.rsplit("/", 1)[1]
    hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(clients.named("postgres"), autocommit=True) as postgres:
        postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        postgres.execute(hang_up, [name])
        yield
        postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        postgres.execute(hang_up, [name])


def lose(database: str) -> None:
    with psycopg.connect(clients.named("postgres"), autocommit=True) as postgres:
        postgres.execute(f"DROP DATABASE {database.rsplit('/', 1)[1]} WITH (FORCE)")


def probe(node: Node, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
    """The status and the text that a balancer gets."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
