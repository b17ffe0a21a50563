"""Opening rooms."""

from django.db import transaction

from ..models import Room, RoomHead


def open_room(*, key: str, name: str, kind: str = Room.Kind.PUBLIC) -> Room:
    """A new room with an empty log: without its head nothing can be said in it."""
    with transaction.atomic():
        room = Room.objects.create(key=key, name=name, kind=kind)
        RoomHead.objects.create(room=room)
    return room
