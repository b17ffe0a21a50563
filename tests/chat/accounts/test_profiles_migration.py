"""The migration to profiles leaves members and messages alone, however many there are."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.chat.accounts.test_accounts_migration import MEMBERS, fill_members
from tests.chat.accounts.test_user_model import rows, stock_database

BEFORE, AFTER = "0020_privacy", "0021_profiles"
TOUCHED_BY_NOTHING = ('"chat_member"', '"chat_message"')


@pytest.mark.django_db(transaction=True)
def test_members_are_neither_read_nor_written_nor_locked(tmp_path: Path) -> None:
    with stock_database(tmp_path):
        call_command("migrate", "chat", BEFORE, verbosity=0)
        fill_members()
        before = rows("SELECT * FROM chat_member ORDER BY id")

        with CaptureQueriesContext(connection) as queries:
            call_command("migrate", "chat", AFTER, verbosity=0)

        said = [query["sql"] for query in queries]
        assert [sql for sql in said if any(table in sql for table in TOUCHED_BY_NOTHING)] == []
        assert len(before) >= MEMBERS
        assert rows("SELECT * FROM chat_member ORDER BY id") == before
        for table in ("profile", "profilepicture", "handle", "formername"):
            assert rows(f"SELECT count(*) FROM chat_{table}") == [(0,)]  # noqa: S608
