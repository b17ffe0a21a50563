from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.services.backup import BackupError, restore


class Command(BaseCommand):
    help = (
        "Put a backup in the place of everything there is. Connected clients start anew from it"
        " (PostgreSQL: needs pg_restore)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="What `backup` wrote.")
        parser.add_argument(
            "--yes", action="store_true", help="All that was said since the backup is lost: do it."
        )

    def handle(self, *, file: Path, yes: bool, **options: Any) -> None:
        if not yes:
            raise CommandError("This replaces everything. Say --yes; and `backup` first.")
        try:
            logs = restore(file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} is restored; {logs} rooms have a new epoch.")
