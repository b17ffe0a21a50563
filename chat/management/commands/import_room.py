from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from chat.maintenance import archive_checks, csv_archive, room_import
from chat.maintenance.archive import ArchiveError, Source
from chat.management.arguments import add_dry_run
from chat.management.database_command import DatabaseCommand
from chat.management.progress import progress, reaching, stoppable
from chat.rooms.models import Room

FORMATS = {".jsonl": archive_checks.source, ".csv": csv_archive.source}


class Command(DatabaseCommand):
    help = (
        "Make a new room from a file that export_room wrote (.jsonl), or from a table of messages"
        " (.csv, with the columns time, name and message). The whole file is checked first. If it"
        " is stopped, the same command continues."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="Ends in .jsonl or .csv.")
        parser.add_argument(
            "--room", metavar="KEY", help="The new room's key; default: the old one."
        )
        add_dry_run(parser)

    def handle(self, *, file: Path, room: str | None, dry_run: bool, **options: Any) -> None:
        try:
            with file.open("rb") as opened, stoppable():
                source = self._checked(file, opened)
                key = self._sound_key(room or source.header.key)
                begun = room_import.find_begun(source, key)
                if dry_run:
                    verb = "be finished" if begun else "be made"
                    self.stdout.write(f"{key} would {verb}, with numbers up to {source.head:,}.")
                else:
                    self._import(source, key)
        except (ArchiveError, OSError) as error:
            raise CommandError(f"{file}: {error}") from error

    def _checked(self, file: Path, opened: BinaryIO) -> Source:
        read = FORMATS.get(file.suffix)
        if read is None:
            raise CommandError(f"{file} should end in .jsonl or .csv.")
        with progress(file.stat().st_size, f"checking {file.name}", "B") as done:
            return read(opened, done)

    def _sound_key(self, key: str) -> str:
        try:
            Room(key=key, name=key).clean_fields()
        except ValidationError as error:
            raise CommandError(f"--room KEY: {' '.join(error.messages)}") from error
        return key

    def _import(self, source: Source, key: str) -> None:
        room = room_import.begin(source, key)
        with reaching(source.head, key, "numbers") as reached:
            for number in room_import.fill(room, source):
                reached(number)
        found = room_import.finish(room, source)
        if found.fault_count:
            raise CommandError(
                f"“{key}” is there, and private, for its log was broken where it comes from:"
                f" {found.faults[0]}. See check_log."
            )
        self.stdout.write(
            f"{key}: {found.floor + 1}–{found.head}, {found.messages:,} messages,"
            f" {found.changes:,} changes\n  checksum {found.checksum}"
        )
