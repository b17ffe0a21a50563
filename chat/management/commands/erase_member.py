from typing import Any

from django.core.management.base import CommandError, CommandParser

from chat.accounts.models import Member
from chat.errors import ChatError
from chat.maintenance import erasure
from chat.management.arguments import add_dry_run
from chat.management.database_command import DatabaseCommand
from chat.management.progress import progress, stoppable


class Command(DatabaseCommand):
    help = (
        "Delete all messages and reactions of a member, and their name; numbers stay. If it is"
        " stopped, run it again to finish. Backups and exports are not reached."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "member", type=int, metavar="ID", help="The member's number, as in the admin."
        )
        add_dry_run(parser)

    def handle(self, *, member: int, dry_run: bool, **options: Any) -> None:
        found = Member.objects.filter(pk=member).first()
        if found is None:
            raise CommandError(f"There is no member {member}. Look them up in the admin.")
        messages = erasure.count(found)
        if dry_run:
            self.stdout.write(f"{found.name} would go, with {messages:,} messages.")
            return
        try:
            with stoppable(), progress(messages, found.name, "messages") as done:
                for step in erasure.erase(found):
                    done(step.rows)
        except ChatError as error:
            raise CommandError(f"{error} The same command again goes on from here.") from error
        self.stdout.write(f"Member {member} is erased, with {messages:,} messages.")
