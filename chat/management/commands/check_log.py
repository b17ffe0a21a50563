from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.maintenance.log_integrity import FAULTS_DESCRIBED, Inspection, inspect
from chat.management.arguments import rooms_named
from chat.management.database_command import DatabaseCommand
from chat.management.progress import progress


class Command(DatabaseCommand):
    help = (
        "Check that every room's log is whole: each number is held by one row, each change belongs"
        " to its message. Exit code 1: something is broken. Equal logs have equal checksums, if"
        " nobody writes meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--room", metavar="KEY", help="Only this room.")

    def handle(self, **options: Any) -> None:
        faults = 0
        for room in rooms_named(options["room"]).iterator():
            head = getattr(room, "log", None)
            with progress(head and head.head - head.floor, room.key, "numbers") as done:
                found = inspect(room, read=done)
            self._report(found)
            faults += found.fault_count
        if faults:
            raise CommandError(f"{faults} faults.")

    def _report(self, found: Inspection) -> None:
        self.stdout.write(
            f"{found.room}: {found.floor + 1}–{found.head}, {found.messages:,} messages,"
            f" {found.changes:,} changes, epoch {found.epoch}\n  checksum {found.checksum}"
        )
        for note in found.notes:
            self.stdout.write(f"  note: {note}")
        for fault in found.faults:
            self.stdout.write(f"  FAULT: {fault}")
        if found.fault_count > FAULTS_DESCRIBED:
            self.stdout.write(f"  … and {found.fault_count - FAULTS_DESCRIBED} more")
