from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from chat.accounts import guests, sessions
from chat.management.database_command import DatabaseCommand


class Command(DatabaseCommand):
    help = "Make N guests and print the value of a Cookie header for each, for load tools."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int, metavar="N")
        parser.add_argument("--prefix", default="load", help="Guests are named prefix1 … prefixN.")

    def handle(self, *, count: int, prefix: str, **options: Any) -> None:
        for member in guests.mint(count=count, prefix=prefix):
            self.stdout.write(f"{settings.MEMBER_COOKIE}={sessions.issue(member)}")
