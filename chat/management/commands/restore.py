from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.maintenance.backup_backends import BackupError
from chat.maintenance.database_backup import logs_in_database, logs_in_file, restore
from chat.maintenance.exclusive_files import FileInUseError
from chat.management.arguments import add_dry_run
from chat.management.database_command import DatabaseCommand
from chat.management.progress import reaching


class Command(DatabaseCommand):
    # The backup brings its tables along.
    needs = "nothing"
    help = (
        "Replace the whole database by a backup, all of it or nothing. Connected clients start anew"
        " from it (PostgreSQL: needs pg_restore and psql)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="What `backup` wrote.")
        parser.add_argument(
            "--yes", action="store_true", help="Do it: messages since the backup are lost."
        )
        add_dry_run(parser)

    def handle(self, *, file: Path, yes: bool, dry_run: bool, **options: Any) -> None:
        try:
            if dry_run:
                self.stdout.write(f"Here:   {logs_in_database()}\nBackup: {logs_in_file(file)}")
                self.stdout.write("The backup would take the place of what is here.")
                return
            if not yes:
                raise CommandError("This replaces everything. Say --yes; and `backup` first.")
            with reaching(file.stat().st_size, file.name, "B") as reached:
                logs = restore(file, reached)
        except (BackupError, FileInUseError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} is restored: {logs}. Each room has a new epoch.")
