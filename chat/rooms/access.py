"""Access: who may see a room, and with which role. Pages, sockets, counts and reports all ask here.

A public room is open to everyone, its members or not. A private or direct room is for its members
alone, whatever their role on the site. For everyone else it does not exist: they get the same
answer, after as many queries, as for a key that no room has.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from ..accounts import site_settings
from ..accounts.permissions import Role, higher
from ..errors import NotFound
from ..ready_queries import Lookup, first_of_each
from .models import Membership, Room, is_room_key

# What a role in a room is worth there, among the roles of the site.
_WORTH = {
    Membership.Role.OWNER.value: Role.OWNER,
    Membership.Role.MODERATOR.value: Role.MODERATOR,
    Membership.Role.MEMBER.value: Role.GUEST,
}
# No room and no member has this id.
NOBODY = 0


def visible_to(member_id: int | None) -> QuerySet[Room]:
    """The rooms that this member may see. None is a visitor without a name."""
    public = Q(kind=Room.Kind.PUBLIC)
    if member_id is None:
        return Room.objects.filter(public)
    theirs = Membership.objects.filter(member=member_id).values("room")
    return Room.objects.filter(public | Q(pk__in=theirs))


def run_by(member_id: int) -> QuerySet[Room]:
    """The rooms that this member owns or moderates."""
    mine = Membership.objects.filter(member=member_id).exclude(role=Membership.Role.MEMBER)
    return Room.objects.filter(pk__in=mine.values("room"))


def is_for_everyone(room: Room) -> bool:
    """Whether the room is open to everyone, so that the answer does not depend on the member."""
    return room.kind == Room.Kind.PUBLIC


def _may_look(member_id: int | None) -> bool:
    """Whether this member may see public rooms; None is a visitor, who may where owners want it."""
    return member_id is not None or site_settings.current().visitors_read


def who_may_see(room: Room, member_ids: Collection[int]) -> set[int]:
    """Those of these members who may see the room."""
    return who_may_see_each({room: member_ids})[room]


def who_may_see_each(asked: Mapping[Room, Collection[int]]) -> dict[Room, set[int]]:
    """For each of these rooms, those of its candidates who may see it; in one query."""
    allowed = {room: set(ids) if is_for_everyone(room) else set() for room, ids in asked.items()}
    closed = {room.pk: room for room in asked if not is_for_everyone(room)}
    candidates = {one for room in closed.values() for one in asked[room]}
    if candidates:
        rows = Membership.objects.filter(room__in=closed, member__in=candidates)
        for room_id, member_id in rows.values_list("room", "member"):
            room = closed[room_id]
            if member_id in asked[room]:
                allowed[room].add(member_id)
    return allowed


_MEMBERSHIP: Lookup[Membership] = Lookup(
    lambda room, member: Membership.objects.filter(room=room, member=member),
    10**6 + 1,
    10**6 + 2,
)


def membership(room: Room | None, member_id: int | None) -> Membership | None:
    """What makes this member a member of the room; None if nothing does."""
    return _MEMBERSHIP.first(room.pk if room else NOBODY, member_id or NOBODY)


def role_in(room: Room, member_id: int, role: Role) -> Role:
    """The member's role in this room: the higher one of theirs on the site and here."""
    found = membership(room, member_id)
    return higher(role, _WORTH[found.role]) if found else role


def worth(role: str) -> Role:
    """What a role in a room is worth there; an empty one is no more than a guest's."""
    return _WORTH.get(role, Role.GUEST)


def require(room: Room, member_id: int | None) -> None:
    """NotFound unless this member may see the room."""
    require_room(room, room.key, member_id)


def require_room(room: Room | None, key: str, member_id: int | None) -> None:
    """NotFound unless this is a room that the member may see."""
    if room is not None and is_for_everyone(room) and _may_look(member_id):
        return
    # Asked also where there is no room: the time tells nobody whether there is one.
    if membership(room, member_id) is None or room is None:
        raise no_such_room(key)


_BY_KEY: Lookup[Room] = Lookup(lambda key: Room.objects.filter(key=key), "a key")


def find(key: str) -> Room:
    """The room with this key, without a check of access. NotFound if there is none."""
    room = find_or_none(key)
    if room is None:
        raise no_such_room(key)
    return room


def find_or_none(key: str) -> Room | None:
    """The room with this key, without a check of access; None if there is none."""
    # An impossible key needs no query, and a NUL in it would make the query fail.
    return _BY_KEY.first(key) if is_room_key(key) else None


_OF_KEY: Lookup[Membership] = Lookup(
    lambda key, member: Membership.objects.filter(room__key=key, member=member),
    "a key",
    10**6 + 2,
)


def find_for(key: str, member_id: int) -> tuple[Room | None, bool]:
    """The room with this key, or None, and whether the member has joined it; in one statement."""
    asked = key if is_room_key(key) else ""
    room, joined = first_of_each((_BY_KEY, (asked,)), (_OF_KEY, (asked, member_id)))
    return room, joined is not None


def room_for(member_id: int | None, key: str) -> Room:
    """The room with this key. NotFound unless this member may see it."""
    room = find_or_none(key)
    require_room(room, key, member_id)
    return room or find(key)


def room_lookup(key: str) -> tuple[Lookup[Room], tuple[str]]:
    """`find` as a lookup and its values, for what asks for more in one statement."""
    return _BY_KEY, (key if is_room_key(key) else "",)


def allowed(member_id: int | None, key: str, room: Room | None) -> Room:
    """The room that was found under this key. NotFound unless this member may see it."""
    require_room(room, key, member_id)
    return room or find(key)


def no_such_room(key: str) -> NotFound:
    """The same error for a room that does not exist and for one that the member may not see."""
    return NotFound(gettext("There is no room “{key}” for you.").format(key=key[:64]))


def current_rooms(room_ids: Iterable[int]) -> dict[int, Room]:
    """These rooms by id, as the database has them now. Deleted rooms are missing."""
    return Room.objects.exclude(kind=Room.Kind.DELETED).in_bulk(list(room_ids))


def shut_out(checked: Room, now: Room, member_ids: Collection[int]) -> set[int]:
    """Those of these members who lost the room since it was public, as access was checked.

    The commit calls this under the room's lock. NotFound if the room is deleted.
    """
    if now.kind == Room.Kind.DELETED:
        raise no_such_room(checked.key)
    if is_for_everyone(checked) and not is_for_everyone(now):
        return set(member_ids) - who_may_see(now, member_ids)
    return set()
