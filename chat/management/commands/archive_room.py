from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.errors import ChatError
from chat.management.arguments import room_named
from chat.management.database_command import DatabaseCommand
from chat.moderation import room_actions
from chat.moderation.authorization import SYSTEM


class Command(DatabaseCommand):
    help = "Archive a room: it can be read, and nothing is written there any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key")
        parser.add_argument("--restore", action="store_true", help="Open it for writing again.")

    def handle(self, *, key: str, restore: bool, **options: Any) -> None:
        try:
            room_actions.archive(actor=SYSTEM, room=room_named(key), archived=not restore)
        except ChatError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{key} is {'open again' if restore else 'archived'}.")
