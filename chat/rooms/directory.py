"""The directory: the public rooms, and the members of a room, a page at a time."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from .. import protocol
from . import access
from .models import Membership, Room

PAGE_SIZE = 50


def browse(
    member_id: int | None, query: str, after: str
) -> tuple[list[protocol.BrowsedRoom], bool]:
    """Public rooms whose name, topic or key holds the text, by their keys after this one."""
    rooms = access.visible_to(None).filter(key__gt=after)
    if text := query.strip():
        rooms = rooms.filter(
            Q(name__icontains=text) | Q(topic__icontains=text) | Q(key__icontains=text)
        )
    here = Membership.objects.filter(room=OuterRef("pk"))
    counts = here.order_by().values("room").annotate(count=Count("pk")).values("count")
    rows = rooms.order_by("key").annotate(
        members=Coalesce(Subquery(counts), 0),
        is_joined=Exists(here.filter(member=member_id or access.NOBODY)),
    )[: PAGE_SIZE + 1]
    found = [
        protocol.BrowsedRoom(
            room=room.key,
            name=room.name,
            topic=room.topic,
            members=room.members,
            joined=room.is_joined,
            archived=room.is_archived,
        )
        for room in rows
    ]
    return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def members_of(room: Room, after: int) -> tuple[list[protocol.RoomMember], int, bool]:
    """Those who joined the room, by their ids after this one, how many there are in all, and
    whether more follow. Who has left the chat is left out.
    """
    rows = Membership.objects.filter(room=room, member__released_at=None)
    page = rows.filter(member__gt=after).order_by("member")[: PAGE_SIZE + 1]
    found = [
        protocol.RoomMember(member_id, name, role)
        for member_id, name, role in page.values_list("member", "member__name", "role")
    ]
    return found[:PAGE_SIZE], rows.count(), len(found) > PAGE_SIZE
