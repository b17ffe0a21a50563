"""`migrate` is done when it says so: no limit cuts it short, and no index is left half made."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

from chat import concurrent_indexes
from chat.maintenance import doctor_checks
from tests import clients

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

INDEXES = ["members_by_name", "one_read_mark_per_room", "chat_room_key_key"]
BY_NAME = "members_by_name ON chat_member (canonical_name)"
SPOIL = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass"


@pytest.fixture
def url() -> Iterator[str]:
    with clients.deployment(redis_url="") as place:
        yield place.environment["DATABASE_URL"]


def migrate(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "migrate", "-v1", *arguments]
    environment = os.environ | {"DATABASE_URL": url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def unfinished(url: str) -> list[str]:
    with psycopg.connect(url) as other:
        rows = other.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        return [name for (name,) in rows]


@contextmanager
def held(url: str, statement: str, seconds: float) -> Iterator[None]:
    """Somebody's transaction, which ends after so many seconds."""
    with psycopg.connect(url) as other:
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        other.execute(statement)
        timer = threading.Timer(seconds, other.rollback)
        timer.start()
        yield
        timer.join()


@pytest.mark.parametrize("name", INDEXES)
def test_an_unfinished_index_is_made_whole(url: str, name: str) -> None:
    with psycopg.connect(url) as other:
        other.execute(SPOIL, [name])

    done = migrate(url)

    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    assert unfinished(url) == []


def test_an_index_whose_making_was_cut_short_is_not_taken_for_whole(url: str) -> None:
    assert migrate(url, "chat", "0004").returncode == 0
    with (
        held(url, "SELECT count(*) FROM chat_member", 2),
        psycopg.connect(url, autocommit=True) as other,
    ):
        other.execute("SET statement_timeout = '500ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute(f"CREATE INDEX CONCURRENTLY {BY_NAME}")
    assert unfinished(url) == ["members_by_name"]

    assert migrate(url, "chat", "0005").returncode == 0

    assert unfinished(url) == []
    with psycopg.connect(url) as other:
        [(definition,)] = other.execute("SELECT pg_get_indexdef('members_by_name'::regclass)")
    assert "varchar_pattern_ops" in definition


def test_an_index_waits_for_whoever_was_there_before(url: str) -> None:
    assert migrate(url, "chat", "0004").returncode == 0
    with held(url, "SELECT count(*) FROM chat_member", 5):
        done = migrate(url, "chat", "0005")

    assert done.returncode == 0, done.stderr
    assert unfinished(url) == []


def test_a_table_in_use_is_tried_again_and_nobody_queues_for_long_behind_it(url: str) -> None:
    assert migrate(url, "chat", "0005").returncode == 0
    began = time.monotonic()
    with held(url, "SELECT count(*) FROM chat_roomhead", 6):
        done = migrate(url)

    assert done.returncode == 0, done.stderr
    assert "trying again" in done.stderr
    assert time.monotonic() - began < 60


@pytest.mark.django_db(transaction=True)
def test_the_limits_of_the_live_room_hold_again_afterwards() -> None:
    names = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"]
    seen: list[list[str]] = []

    def limits(**_: Any) -> None:
        with connection.cursor() as cursor:
            seen.append([])
            for name in names:
                cursor.execute(f"SHOW {name}")
                seen[-1].append(cursor.fetchone()[0])

    pre_migrate.connect(limits)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(limits)
    limits()

    assert seen[0] == ["0", "0", "2s"]
    assert seen[-1][0] == "15s"
    assert seen[-1][2] == "2s"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", INDEXES)
def test_the_doctor_names_unfinished_indexes(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SPOIL, [name])

    ill = [finding.what for finding in doctor_checks.examine() if finding.state == "ill"]
    concurrent_indexes.rebuild(name)

    assert any(name in what for what in ill)
    assert concurrent_indexes.invalid() == []
