from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from chat.accounts.models import Member
from chat.errors import ChatError
from chat.management.database_command import DatabaseCommand
from chat.moderation import room_actions, room_members
from chat.moderation.authorization import SYSTEM
from chat.rooms.models import Membership, Room, is_room_key


class Command(DatabaseCommand):
    help = "Make a room, and print its key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--key", default="", help="Its address; by default from the name.")
        parser.add_argument("--private", action="store_true", help="For its members alone.")
        parser.add_argument("--topic", default="")
        parser.add_argument("--owner", type=int, metavar="ID", help="A member's number.")

    def handle(self, *, key: str, owner: int | None, private: bool, **options: Any) -> None:
        if key and (not is_room_key(key) or Room.objects.filter(key=key).exists()):
            raise CommandError(f"“{key}” is taken, or is no key: write small-letters-and-digits.")
        member = owner and Member.objects.live().filter(pk=owner).first()
        if owner is not None and not member:
            raise CommandError(f"There is no member {owner}. Look them up in the admin.")
        try:
            with transaction.atomic():
                room = room_actions.create(
                    actor=SYSTEM,
                    name=options["name"],
                    kind=Room.Kind.PRIVATE if private else Room.Kind.PUBLIC,
                    topic=options["topic"],
                    key=key,
                )
                if member:
                    room_members.add(actor=SYSTEM, room=room, member_ids=[member.pk])
                    room_members.appoint(
                        actor=SYSTEM, room=room, member=member, role=Membership.Role.OWNER
                    )
        except ChatError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(room.key)
