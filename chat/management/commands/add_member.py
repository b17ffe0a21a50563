from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from chat.errors import ChatError
from chat.management.arguments import room_named
from chat.management.database_command import DatabaseCommand
from chat.moderation import authorization, room_members
from chat.moderation.authorization import SYSTEM
from chat.rooms.models import Membership


class Command(DatabaseCommand):
    help = "Make members of the chatroom members of a room."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="The room's key.")
        parser.add_argument("members", nargs="+", type=int, metavar="ID")
        parser.add_argument("--role", choices=Membership.Role.values, help="Their role there.")

    def handle(self, *, key: str, members: list[int], role: str | None, **options: Any) -> None:
        room = room_named(key)
        try:
            with transaction.atomic():
                room_members.add(actor=SYSTEM, room=room, member_ids=members)
                for member_id in members if role else ():
                    member = authorization.any_member(member_id)
                    room_members.appoint(actor=SYSTEM, room=room, member=member, role=role or "")
        except ChatError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{len(members)} are members of {key}.")
