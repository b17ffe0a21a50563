"""Dead connections are found out together, and a PostgreSQL that is back is found at once."""

import time

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from psycopg_pool import ConnectionPool

from chat.database_connections import drop_connection
from lab.kit import servers

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_after_one_dead_connection_the_next_one_is_alive_at_once() -> None:
    pool = connection.pool  # type: ignore[attr-defined]
    # Some lie idle, and all of them die.
    idle = [pool.getconn() for _ in range(3)]
    for each in idle:
        pool.putconn(each)
    end_all_connections()
    with pytest.raises(OperationalError):
        ask()

    drop_connection()

    # The pool itself would wait a second after the first idle one it tries, two after the next.
    assert ask() == 1


@pytest.mark.slow
def test_a_postgresql_that_was_gone_for_long_is_found_by_the_next_who_asks() -> None:
    options = settings.DATABASES["default"]["OPTIONS"]["pool"]
    check = ConnectionPool.check_connection
    with (
        servers.postgres() as server,
        ConnectionPool(server.url, open=True, check=check, **options) as pool,
    ):
        with pool.connection() as connection:
            connection.execute("SELECT 1")
        server.stop()
        # With each attempt that fails a pool waits twice as long for the next.
        for _ in range(4):
            with pytest.raises(psycopg.OperationalError), pool.connection() as connection:
                connection.execute("SELECT 1")

        server.start()

        with pool.connection() as connection:
            connection.execute("SELECT 1")


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        [one] = cursor.fetchone()
    return int(one)


def end_all_connections() -> None:
    ask()
    info = connection.connection.info
    with psycopg.connect(info.dsn, password=info.password) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            " AND backend_type = 'client backend'"
        )
    time.sleep(0.05)
