"""The whole database as one file, and back; by the means of the database itself.

A restored log may lack what was said since, so each gets a new epoch: whoever comes with a number
of the old one is told `reset`, and starts from the last page (docs/adr/0001).
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
from .backup_backends import BackupError, Reached, engine
from .exclusive_files import opened_alone, part_of

Migration = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Logs:
    """How many rooms there are, and how many numbers their logs have given."""

    rooms: int
    numbers: int

    def __str__(self) -> str:
        return f"{self.rooms:,} rooms, {self.numbers:,} messages and changes"


def backup(file: Path, reached: Reached = lambda size: None) -> None:
    """Write everything, as it is at one moment, into a new file. The room goes on meanwhile.

    The file is there when it is whole, and only this user reads it.
    """
    if file.exists():
        raise BackupError(f"{file} exists; name another.")
    part = part_of(file)
    with opened_alone(part) as written:
        written.truncate()
        try:
            engine().write(part, reached)
        except BaseException:
            part.unlink()
            raise
        os.fsync(written.fileno())
        part.rename(file)


def restore(file: Path, reached: Reached = lambda size: None) -> Logs:
    """Put the file in the place of everything there is, with a new epoch for each log.

    All of it or nothing, also if this process is killed; BackupError if the file does not fit.
    """
    logs = held_in(file)
    engine().replace(file, reached)
    return logs


def held_in(file: Path) -> Logs:
    """What a restore would bring. BackupError if the file is no backup for this code."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    written_by = {
        (app, name) for app, name in engine().rows(file, "django_migrations", "app", "name")
    }
    if not any(app == RoomHead._meta.app_label for app, _ in written_by):
        raise BackupError(f"{file} is no backup of a chatroom.")
    _must_fit(file, written_by)
    heads = [int(head) for (head,) in engine().rows(file, "chat_roomhead", "head")]
    return Logs(len(heads), sum(heads))


def held_here() -> Logs:
    """What a restore would replace."""
    if schema.missing_tables():
        return Logs(0, 0)
    heads = list(RoomHead.objects.values_list("head", flat=True))
    return Logs(len(heads), sum(heads))


def _must_fit(file: Path, written_by: set[Migration]) -> None:
    """The tables of the file must be those that this code expects, and the only ones then."""
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
    """Each log begins another life; the nodes notice within two seconds, and send `reset`.

    For after a restore by other means than ours.
    """
    with transaction.atomic():
        logs = list(RoomHead.objects.select_for_update(no_key=True))
        for log in logs:
            log.epoch = new_epoch()
        RoomHead.objects.bulk_update(logs, ["epoch"], batch_size=1000)
    return len(logs)
