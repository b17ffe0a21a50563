"""The whole database as one file, and back; by the means of the database itself.

A restored log may lack what was said since, so each gets a new epoch: whoever comes with a number
of the old one is told `reset`, and starts from the last page (docs/adr/0001).
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from ..models import RoomHead
from ..models.rooms import new_epoch


class BackupError(Exception):
    """It could not be done; says why, and what to do."""


def backup(file: Path) -> None:
    """Write everything, as it is at one moment, into a new file. The room goes on meanwhile."""
    if file.exists():
        raise BackupError(f"{file} exists; name another.")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
    else:
        _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={file}")


def restore(file: Path) -> int:
    """Put the file in the place of everything there is. The number of logs with a new epoch.

    All of it or nothing; BackupError if the file is none of ours.
    """
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    if connection.vendor == "sqlite":
        _restore_sqlite(file)
    else:
        _postgres(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(file)
        )
    return begin_new_epochs()


def begin_new_epochs() -> int:
    """Each log begins another life; the nodes notice within two seconds, and send `reset`."""
    with transaction.atomic():
        logs = list(RoomHead.objects.select_for_update(no_key=True))
        for log in logs:
            log.epoch = new_epoch()
        RoomHead.objects.bulk_update(logs, ["epoch"], batch_size=1000)
    return len(logs)


def _restore_sqlite(file: Path) -> None:
    source = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        if not source.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'chat_roomhead'"
        ).fetchone()[0]:
            raise BackupError(f"{file} is no backup of a chatroom.")
        connection.ensure_connection()
        # Page by page under SQLite's own locks: readers see the old state or the new one.
        source.backup(connection.connection)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} cannot be restored: {error}") from error
    finally:
        source.close()


def _postgres(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not there: install PostgreSQL's client programs.")
    database = connection.get_connection_params()
    environment = os.environ | _libpq(database)
    # pg_restore would print its script without being told where to.
    target = [f"--dbname={database['dbname']}"] if program == "pg_restore" else []
    ended = subprocess.run(  # noqa: S603 - no shell, and our own arguments
        [path, *target, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise BackupError(f"{program} failed: {ended.stderr.strip()}")


def _libpq(database: Mapping[str, Any]) -> dict[str, str]:
    """Where the database is, for programs; the password is then in no process list."""
    names = {"dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE"}
    return {name: str(database[key]) for key, name in names.items() if database.get(key)}
