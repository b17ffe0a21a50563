"""A migration that is killed loses nothing: run again, it makes the database whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import chat.migrations
from tests import clients
from tests.chat.accounts.test_user_model import SCHEMA, rows
from tests.sockets import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

BEFORE_ACCOUNTS = "0017_whom_messages_name"
MEMBERS = 5_000
FILL = """
    INSERT INTO chat_member (name, canonical_name, kind, session, created_at, last_seen_at)
    SELECT 'Member ' || n, 'crowd ' || n, 'guest', n, now(), now() FROM generate_series(1, %s) n
"""
# Waits to note that a migration is done, after all that it does.
NOTES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO "django_migrations"%'
    AND datname = current_database()
"""


def migrations() -> list[str]:
    """Those since accounts, in order."""
    [folder] = chat.migrations.__path__
    names = sorted(file.stem for file in Path(folder).glob("[0-9]*.py"))
    return names[names.index(BEFORE_ACCOUNTS) + 1 :]


def url_of(database: psycopg.Connection[Any]) -> str:
    return clients.named(database.info.dbname)


def migrating(database: psycopg.Connection[Any], name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate", "-v0", "chat", name],
        env=os.environ | {"DATABASE_URL": url_of(database)},
        stderr=subprocess.PIPE,
        text=True,
    )


def migrate(database: psycopg.Connection[Any], name: str) -> None:
    done = migrating(database, name)
    _, said = done.communicate()
    assert done.returncode == 0, said


@contextmanager
def nothing_is_noted(database: psycopg.Connection[Any]) -> Iterator[None]:
    """Migrations can be read, but none can be noted as done."""
    with psycopg.connect(url_of(database)) as holder:
        holder.execute("LOCK TABLE django_migrations IN SHARE MODE")
        yield


@pytest.fixture(scope="module")
def database() -> Iterator[psycopg.Connection[Any]]:
    """As it was before accounts, with many members."""
    with (
        clients.deployment(redis_url="") as place,
        psycopg.connect(place.environment["DATABASE_URL"], autocommit=True) as database,
    ):
        migrate(database, BEFORE_ACCOUNTS)
        database.execute(FILL, [MEMBERS])
        yield database


@pytest.mark.django_db
@pytest.mark.parametrize("name", migrations())
def test_a_migration_that_is_killed_at_its_end_is_whole_after_another_run(
    database: psycopg.Connection[Any], name: str
) -> None:
    members = database.execute("SELECT * FROM chat_member ORDER BY id").fetchall()
    with nothing_is_noted(database):
        killed = migrating(database, name)
        wait_until(lambda: database.execute(NOTES).fetchone() == (1,), seconds=60)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()

    migrate(database, name)

    assert database.execute("SELECT * FROM chat_member ORDER BY id").fetchall() == members
    if name == migrations()[-1]:
        assert database.execute(SCHEMA["postgresql"]).fetchall() == rows(SCHEMA["postgresql"])
