"""The migration to accounts leaves the members alone, however many there are."""

from pathlib import Path
from time import monotonic

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.chat.accounts.test_user_model import rows, stock_database

# More than one would write one by one.
MEMBERS = 20_000
A_MILLION = 1_000_000


@pytest.mark.django_db(transaction=True)
def test_members_are_neither_read_nor_written(tmp_path: Path) -> None:
    with stock_database(tmp_path):
        call_command("migrate", "chat", "0017", verbosity=0)
        fill_members()
        before = rows("SELECT * FROM chat_member ORDER BY id")
        users = rows("SELECT id, username, password, is_superuser FROM auth_user ORDER BY id")

        with CaptureQueriesContext(connection) as queries:
            call_command("migrate", verbosity=0)

        assert [query["sql"] for query in queries if '"chat_member"' in query["sql"]] == []
        assert len(before) >= MEMBERS
        assert rows("SELECT * FROM chat_member ORDER BY id") == before
        again = rows("SELECT id, username, password, is_superuser FROM auth_user ORDER BY id")
        assert again == users
        assert rows("SELECT count(*) FROM auth_user WHERE member_id IS NOT NULL") == [(0,)]


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_million_members_are_migrated_within_two_minutes_and_in_two_goes(tmp_path: Path) -> None:
    """From before accounts until now. A migration that was stopped between two steps goes on."""
    with stock_database(tmp_path):
        call_command("migrate", "chat", "0017", verbosity=0)
        fill_members(A_MILLION)
        began = monotonic()

        call_command("migrate", "chat", "0018", verbosity=0)
        call_command("migrate", verbosity=0)

        seconds = monotonic() - began
        print(f"{A_MILLION:,} members: {seconds:.1f} s")
        assert seconds < 120
        assert rows("SELECT count(*) FROM chat_member")[0][0] >= A_MILLION


def fill_members(count: int = MEMBERS) -> None:
    # In parts: a statement may not take long.
    with connection.cursor() as cursor:
        for first in range(1, count, MEMBERS):
            cursor.execute(
                "WITH RECURSIVE numbers(n) AS"
                " (SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
                " INSERT INTO chat_member"
                " (name, canonical_name, kind, session, created_at, last_seen_at)"
                " SELECT 'Member ' || n, 'crowd ' || n, 'guest', n, CURRENT_TIMESTAMP,"
                " CURRENT_TIMESTAMP FROM numbers",
                [first, first + MEMBERS - 1],
            )
