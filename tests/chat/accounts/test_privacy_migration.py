"""The migration to fresh proofs and tasks of members keeps every device signed in."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.chat.accounts.test_accounts_migration import fill_members
from tests.chat.accounts.test_user_model import rows, stock_database

BEFORE, AFTER = "0019_site_settings", "0020_privacy"


@pytest.mark.django_db(transaction=True)
def test_devices_stay_signed_in_and_members_are_left_alone(tmp_path: Path) -> None:
    with stock_database(tmp_path):
        call_command("migrate", "chat", BEFORE, verbosity=0)
        fill_members()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO chat_device (id, member_id, label, signed_in_at, last_used_at)"
                " SELECT id, id, 'Firefox', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM chat_member"
            )
        members = rows("SELECT * FROM chat_member ORDER BY id")
        devices = rows("SELECT id, member_id, label FROM chat_device ORDER BY id")

        with CaptureQueriesContext(connection) as queries:
            call_command("migrate", "chat", AFTER, verbosity=0)

        assert [query["sql"] for query in queries if '"chat_member"' in query["sql"]] == []
        assert rows("SELECT * FROM chat_member ORDER BY id") == members
        assert rows("SELECT id, member_id, label FROM chat_device ORDER BY id") == devices
        assert rows("SELECT count(*) FROM chat_device WHERE proved_at IS NOT NULL") == [(0,)]
