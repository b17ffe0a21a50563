from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from chat.maintenance import deleted_rooms, retention
from chat.management.arguments import add_dry_run, add_rooms, age, rooms_named
from chat.management.database_command import DatabaseCommand
from chat.management.progress import progress, stoppable


class Command(DatabaseCommand):
    help = (
        "Delete old messages while the chatroom runs. The last message of a room stays. If it is"
        " stopped, the next run finishes it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_rooms(parser)
        parser.add_argument(
            "--older-than", type=age, required=True, metavar="AGE", help="90d, 12w or 1y."
        )
        parser.add_argument(
            "--keep",
            type=int,
            default=1,
            metavar="N",
            help="The last N messages stay, however old.",
        )
        add_dry_run(parser)

    def handle(self, **options: Any) -> None:
        if not options["dry_run"] and (gone := deleted_rooms.purge_all()):
            self.stdout.write(f"Of deleted rooms: {gone:,} rows go")
        before = timezone.now() - options["older_than"]
        for room in rooms_named(options["room"]).iterator():
            plan = retention.plan(room, before=before, keep=options["keep"])
            would = "would go" if options["dry_run"] else "go"
            self.stdout.write(f"{room.key}: {plan.numbers:,} numbers {would}, up to {plan.upto:,}")
            if not options["dry_run"]:
                with stoppable(), progress(plan.numbers, room.key) as done:
                    for rows in retention.prune(plan):
                        done(rows)
