from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.maintenance.backup_backends import BackupError
from chat.maintenance.database_backup import backup
from chat.maintenance.exclusive_files import FileInUseError
from chat.management.database_command import DatabaseCommand
from chat.management.progress import reaching


class Command(DatabaseCommand):
    # A backup is made before an upgrade, when its migrations are not applied yet.
    needs = "tables"
    help = "Write the whole database into a file while the chatroom runs (PostgreSQL: by pg_dump)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="A file that is not there yet.")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with reaching(None, file.name, "B") as reached:
                backup(file, reached)
        except (BackupError, FileInUseError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
