"""Access: who may see a room and write in it. Pages, sockets, counts and reports all ask here.

A public room is open to everyone. There are no memberships yet, so nobody can open another room
from the page or the socket; operators reach it through the admin and commands. A room that a member
may not see gives the same answer as one that does not exist.
"""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from ..errors import NotFound
from ..ready_queries import Lookup
from .models import Room, is_room_key


def visible_to(member_id: int | None) -> QuerySet[Room]:
    """The rooms that this member may see. None is a visitor without a name."""
    return Room.objects.filter(kind=Room.Kind.PUBLIC)


def is_for_everyone(room: Room) -> bool:
    """Whether the room is open to everyone, so that the answer does not depend on the member."""
    return room.kind == Room.Kind.PUBLIC


def who_may_see(room: Room, member_ids: Collection[int]) -> set[int]:
    """Those of these members who may see the room. They may write in it too."""
    return set(member_ids) if is_for_everyone(room) else set()


def require(room: Room, member_id: int | None) -> None:
    """NotFound unless this member may see the room."""
    if not is_for_everyone(room) and (member_id is None or not who_may_see(room, [member_id])):
        raise no_such_room(room.key)


_BY_KEY: Lookup[Room] = Lookup(lambda key: Room.objects.filter(key=key), "a key")


def find(key: str) -> Room:
    """The room with this key, without a check of access. NotFound if there is none."""
    # An impossible key needs no query, and a NUL in it would make the query fail.
    room = _BY_KEY.first(key) if is_room_key(key) else None
    if room is None:
        raise no_such_room(key)
    return room


def room_for(member_id: int | None, key: str) -> Room:
    """The room with this key. NotFound unless this member may see it."""
    room = find(key)
    require(room, member_id)
    return room


def room_lookup(key: str) -> tuple[Lookup[Room], tuple[str]]:
    """`find` as a lookup and its values, for what asks for more in one statement."""
    return _BY_KEY, (key if is_room_key(key) else "",)


def allowed(member_id: int | None, key: str, room: Room | None) -> Room:
    """The room that was found under this key. NotFound unless this member may see it."""
    if room is None:
        raise no_such_room(key)
    require(room, member_id)
    return room


def no_such_room(key: str) -> NotFound:
    """The same error for a room that does not exist and for one that the member may not see."""
    return NotFound(f"There is no room “{key[:64]}” for you.")


def current_rooms(room_ids: Iterable[int]) -> dict[int, Room]:
    """These rooms by id, as the database has them now. Deleted rooms are missing."""
    return Room.objects.in_bulk(list(room_ids))


def require_still_open(checked: Room, now: Room) -> None:
    """NotFound if the room was public when access was checked, and is not any more.

    The commit calls this under the room's lock, because the room may have been closed since.
    """
    if is_for_everyone(checked) and not is_for_everyone(now):
        raise no_such_room(checked.key)
