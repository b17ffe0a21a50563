from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.management.database_command import DatabaseCommand
from chat.management.progress import reaching
from chat.services.backup import backup
from chat.services.engines import BackupError
from chat.services.files import FileInUseError


class Command(DatabaseCommand):
    # Before an upgrade its migrations are missing.
    needs = "tables"
    help = "Write the whole database into a file, beside a live room (PostgreSQL: needs pg_dump)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="A file that is not there yet.")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with reaching(None, file.name, "B") as reached:
                backup(file, reached)
        except (BackupError, FileInUseError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
