"""The migration to single sign-on adds one table, and leaves accounts and members alone."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.chat.accounts.test_accounts_migration import fill_members
from tests.chat.accounts.test_user_model import rows, stock_database

BEFORE, AFTER = "0021_profiles", "0022_single_sign_on"


@pytest.mark.django_db(transaction=True)
def test_accounts_and_members_are_left_alone(tmp_path: Path) -> None:
    with stock_database(tmp_path):
        call_command("migrate", "chat", BEFORE, verbosity=0)
        fill_members()
        members = rows("SELECT * FROM chat_member ORDER BY id")
        users = rows("SELECT * FROM auth_user ORDER BY id")

        with CaptureQueriesContext(connection) as queries:
            call_command("migrate", "chat", AFTER, verbosity=0)

        assert [query["sql"] for query in queries if '"chat_member"' in query["sql"]] == []
        assert rows("SELECT * FROM chat_member ORDER BY id") == members
        assert rows("SELECT * FROM auth_user ORDER BY id") == users
        assert rows("SELECT count(*) FROM chat_ssoidentity") == [(0,)]
