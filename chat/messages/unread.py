"""What a member has not read: here while they were away, and in the other rooms of the list."""

from django.db.models import OuterRef, Subquery

from ..rooms import access
from ..rooms.models import ReadMark, Room
from .models import Message

# A list longer than this is for searching, not for reading.
ROOMS_LISTED = 50
# Nobody reads on from here; beyond it the count says no more than "more".
COUNTED = 1_000


def missed(room: Room, member_id: int, since: int) -> int:
    """How many messages of others came after `since`; COUNTED + 1 means more than COUNTED."""
    others = Message.objects.in_room(room.pk).filter(seq__gt=since, deleted_at=None)
    return others.exclude(author=member_id).order_by("seq")[: COUNTED + 1].count()


def read_up_to(member_id: int, here: Room) -> dict[str, int]:
    """How far this member has read here, and in each listed room they ever were in, by its key."""
    listed = access.visible_to(member_id).order_by("name")[:ROOMS_LISTED]
    marks = ReadMark.objects.filter(member=member_id, room__in=[*listed, here])
    return dict(marks.values_list("room__key", "seq"))


def last_said() -> dict[str, int]:
    """The number of the last message in each room that everyone sees listed, by its key."""
    newest = Message.objects.filter(room=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    listed = access.visible_to(None).order_by("name")[:ROOMS_LISTED]
    rows = listed.annotate(said=Subquery(newest)).values_list("key", "said")
    return {key: said for key, said in rows if said is not None}
