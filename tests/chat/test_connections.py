"""Dead connections are found out together, not one by one."""

import time

import psycopg
import pytest
from django.db import OperationalError, connection

from chat.services.connections import hang_up

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

    began = time.monotonic()
    hang_up()

    assert ask() == 1
    # The pool itself would wait a second after the first idle one it tries, two after the next.
    assert time.monotonic() - began < 0.8


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
