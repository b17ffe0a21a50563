from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.maintenance import csv_archive, room_export
from chat.maintenance.archive import ArchiveError
from chat.maintenance.exclusive_files import FileInUseError, part_of
from chat.management.arguments import room_named
from chat.management.database_command import DatabaseCommand
from chat.management.progress import reaching, stoppable
from chat.rooms.models import RoomHead

FORMATS = {".jsonl": room_export.export, ".csv": csv_archive.export}


class Command(DatabaseCommand):
    help = (
        "Write a room into a file while the chatroom runs: the whole log (.jsonl), or its messages"
        " for people (.csv). If it is stopped, the same command continues."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("room", metavar="KEY", help="The room's key.")
        parser.add_argument("file", type=Path, metavar="FILE", help="Ends in .jsonl or .csv.")

    def handle(self, *, room: str, file: Path, **options: Any) -> None:
        exported = room_named(room)
        export = FORMATS.get(file.suffix)
        if export is None:
            raise CommandError(f"{file} should end in .jsonl or .csv.")
        if file.exists():
            raise CommandError(f"{file} exists; name another.")
        part = part_of(file)
        log = RoomHead.objects.get(room=exported)
        try:
            with stoppable(), reaching(log.head, room, "numbers") as reached:
                for number in export(exported, part):
                    reached(number)
        except (ArchiveError, FileInUseError, OSError) as error:
            raise CommandError(f"{part}: {error}") from error
        part.rename(file)
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
