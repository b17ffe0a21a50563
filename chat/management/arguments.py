"""Arguments that several management commands share."""

import argparse
from datetime import timedelta

from django.core.management.base import CommandError, CommandParser

from chat.rooms.models import Room, RoomQuerySet

UNITS = {"d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}


def add_dry_run(parser: CommandParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="Print what would be done; do nothing."
    )


def add_rooms(parser: CommandParser) -> None:
    rooms = parser.add_mutually_exclusive_group(required=True)
    rooms.add_argument("--room", metavar="KEY", help="The key of one room.")
    rooms.add_argument("--all", action="store_true", help="Every room.")


def rooms_named(key: str | None) -> RoomQuerySet:
    """The room with this key, or all rooms in the order they were opened."""
    if key is None:
        return Room.objects.order_by("pk")
    return Room.objects.filter(pk=room_named(key).pk)


def room_named(key: str) -> Room:
    room = Room.objects.filter(key=key).first()
    if room is None:
        raise CommandError(f"There is no room “{key}”.")
    return room


def age(text: str) -> timedelta:
    """The type of an argument such as `90d`, `12w` or `1y`."""
    number, unit = text[:-1], text[-1:]
    if not number.isdecimal() or unit not in UNITS or int(number) == 0:
        raise argparse.ArgumentTypeError(f"“{text}” is no age: write 90d, 12w or 1y")
    return int(number) * UNITS[unit]
