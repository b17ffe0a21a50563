"""Backup of the whole database into one file, and restore, with the database's own tools.

A restored log may lack the newest messages. So each log gets a new epoch, and readers with a number
of the old one get `reset` and start from the last page (docs/adr/0001).
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ..rooms.models import RoomHead, new_epoch
from . import schema
from .backup_backends import BackupError, Reached, backend
from .exclusive_files import opened_alone, part_of

Migration = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Logs:
    """The number of rooms, and of messages and changes in their logs."""

    rooms: int
    numbers: int

    def __str__(self) -> str:
        return f"{self.rooms:,} rooms, {self.numbers:,} messages and changes"


def backup(file: Path, reached: Reached = lambda size: None) -> None:
    """Write a snapshot of the database into a new file, while the chatroom runs.

    The file appears when it is complete. Only this user can read it.
    """
    if file.exists():
        raise BackupError(f"{file} exists; name another.")
    part = part_of(file)
    with opened_alone(part) as written:
        written.truncate()
        try:
            backend().write(part, reached)
        except BaseException:
            part.unlink()
            raise
        os.fsync(written.fileno())
        part.rename(file)


def restore(file: Path, reached: Reached = lambda size: None) -> Logs:
    """Replace the whole database by the file, with a new epoch for each log.

    All of it or nothing, even if this process is killed. BackupError if the file is not for this
    version.
    """
    logs = logs_in_file(file)
    backend().replace(file, reached)
    return logs


def logs_in_file(file: Path) -> Logs:
    """The logs that a restore would bring. BackupError if the file is not for this version."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    written_by = {
        (app, name) for app, name in backend().rows(file, "django_migrations", "app", "name")
    }
    if not any(app == RoomHead._meta.app_label for app, _ in written_by):
        raise BackupError(f"{file} is no backup of a chatroom.")
    _require_same_migrations(file, written_by)
    heads = [int(head) for (head,) in backend().rows(file, "chat_roomhead", "head")]
    return Logs(len(heads), sum(heads))


def logs_in_database() -> Logs:
    """The logs that a restore would replace."""
    if schema.missing_tables():
        return Logs(0, 0)
    heads = list(RoomHead.objects.values_list("head", flat=True))
    return Logs(len(heads), sum(heads))


def _require_same_migrations(file: Path, written_by: set[Migration]) -> None:
    """BackupError unless the file has exactly the tables of this version, and no others remain."""
    ours = set(MigrationLoader(None).disk_migrations)
    if newer := written_by - ours:
        raise BackupError(
            f"{file} was written by a newer version, which has {_named(newer)}: upgrade to that"
            " version, then restore."
        )
    if missing := ours - written_by:
        raise BackupError(
            f"{file} was written by an older version, which lacks {_named(missing)}: restore it"
            " with that version into an empty database, then upgrade and `manage.py migrate`."
        )
    if beyond := set(MigrationRecorder(connection).applied_migrations()) - ours:
        raise BackupError(
            f"The database has been used by a newer version, which has {_named(beyond)}: its tables"
            " would stay. Restore into an empty database."
        )


def _named(migrations: Iterable[Migration]) -> str:
    return ", ".join(f"{app}.{name}" for app, name in sorted(migrations))


def begin_new_epochs() -> int:
    """Give each log a new epoch. The nodes notice within two seconds and send `reset`.

    For use after a restore with other tools.
    """
    with transaction.atomic():
        logs = list(RoomHead.objects.select_for_update(no_key=True))
        for log in logs:
            log.epoch = new_epoch()
        RoomHead.objects.bulk_update(logs, ["epoch"], batch_size=1000)
    return len(logs)
