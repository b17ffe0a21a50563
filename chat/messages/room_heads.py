"""The heads of rooms. A room that has lost its head gets back the one that its rows tell of."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ..rooms import access
from ..rooms.models import Room, RoomHead
from .models import Change, Message

logger = logging.getLogger(__name__)


def restore(room: Room) -> RoomHead:
    """The room's head, locked in the transaction around; made anew if there is none.

    Nobody numbers in the room meanwhile, since whoever does holds the head. NotFound if the room
    itself is gone.
    """
    with transaction.atomic():
        # Of two who come here at once the second finds what the first one made.
        there = Room.objects.select_for_update(no_key=True).filter(pk=room.pk).first()
        if there is None:
            raise access.no_such_room(room.key)
        head = RoomHead.objects.select_for_update(no_key=True).filter(room=there).first()
        if head is None:
            # Of a new epoch: those who are in the room start anew from its last page.
            head = RoomHead(room=there, **_end_of(room))
            head.save(force_insert=True)
            logger.error("Room %s had lost its head; it goes on from %d", room.key, head.head)
    return head


def without() -> list[str]:
    """The keys of the rooms that have no head."""
    return list(Room.objects.filter(log=None).order_by("key").values_list("key", flat=True))


def _end_of(room: Room) -> dict[str, int | UUID | datetime]:
    """The last number, who holds it and since when; and the number below which some are missing."""
    last: list[tuple[int, UUID, datetime]] = [
        *Message.objects.in_room(room.pk)
        .order_by("-seq")
        .values_list("seq", "uid", "created_at")[:1],
        *Change.objects.filter(room=room).order_by("-seq").values_list("seq", "uid", "at")[:1],
    ]
    if not last:
        return {}
    head, head_id, last_at = max(last)
    messages = Message.objects.in_room(room.pk).order_by().values_list("seq", flat=True)
    changes = Change.objects.filter(room=room).order_by().values_list("seq", flat=True)
    floor = head
    for seq in messages.union(changes, all=True).order_by("-seq").iterator():
        if seq != floor:
            break
        floor -= 1
    return {"head": head, "head_id": head_id, "last_at": last_at, "floor": floor}
