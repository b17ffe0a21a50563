"""Unread messages: how many a member missed in a room, and which listed rooms have new ones."""

from django.db.models import OuterRef, Subquery

from ..rooms import access
from ..rooms.models import ReadMark, Room
from .models import Message

# Nobody reads a longer list.
ROOMS_LISTED = 50
# Counting stops here: with more unread messages nobody needs the exact number.
COUNTED_MAX = 1_000


def missed(room: Room, member_id: int, since: int) -> int:
    """How many messages of others came after `since`, counted up to COUNTED_MAX + 1."""
    others = Message.objects.in_room(room.pk).filter(seq__gt=since, deleted_at=None)
    return others.exclude(author=member_id).order_by("seq")[: COUNTED_MAX + 1].count()


def read_up_to(member_id: int, here: Room) -> dict[str, int]:
    """How far this member has read, here and in each listed room with a read marker, by its key."""
    listed = access.visible_to(member_id).order_by("name")[:ROOMS_LISTED]
    marks = ReadMark.objects.filter(member=member_id, room__in=[*listed, here])
    return dict(marks.values_list("room__key", "seq"))


def last_messages() -> dict[str, int]:
    """By room key: the number of the last message in each room that everyone sees listed."""
    newest = Message.objects.filter(room=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    listed = access.visible_to(None).order_by("name")[:ROOMS_LISTED]
    rows = listed.annotate(last_message=Subquery(newest)).values_list("key", "last_message")
    return {key: seq for key, seq in rows if seq is not None}
