"""What is acknowledged must survive a loss of power, on SQLite too."""

import os
import subprocess
import sys
from pathlib import Path

ASK = """
import django; django.setup()
from django.db import connection
print(*[connection.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in (
    "journal_mode", "synchronous")])
"""
FULL = 2


def test_sqlite_waits_for_the_disk_before_it_says_committed(tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/chatroom.sqlite3",
        "DJANGO_SETTINGS_MODULE": "chatroom.settings",
        "SECRET_KEY": "only-for-tests",
    }

    told = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert told.split() == ["wal", str(FULL)]
