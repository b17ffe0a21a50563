from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Count

from chat.management.database_command import DatabaseCommand
from chat.rooms.models import Room


class Command(DatabaseCommand):
    help = "List the rooms: key, kind, members, last number, name. Direct rooms only if asked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--direct", action="store_true", help="Direct rooms, too.")

    def handle(self, *, direct: bool, **options: Any) -> None:
        rooms = Room.objects.exclude(kind=Room.Kind.DELETED).order_by("key")
        if not direct:
            rooms = rooms.exclude(kind=Room.Kind.DIRECT)
        counted = rooms.annotate(count=Count("memberships"))
        columns = "key", "kind", "archived_at", "count", "log__head", "name"
        for key, kind, archived_at, count, head, name in counted.values_list(*columns).iterator():
            state = "archived" if archived_at else kind
            self.stdout.write(f"{key}\t{state}\t{count}\t{head or 0}\t{name}")
