"""Who may see a room and write in it. The only answer: pages, sockets, counts and reports ask here.

A public room is everyone's. There are no memberships yet, so any other room is nobody's who comes
by the front door; operators reach it through the admin and commands. A room that someone may not
see answers exactly as one that does not exist.
"""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from ..errors import NotFound
from ..ready_queries import Lookup
from .models import Room, is_room_key


def visible_to(member_id: int | None) -> QuerySet[Room]:
    """The rooms that this member (None: a visitor without a name) may see."""
    return Room.objects.filter(kind=Room.Kind.PUBLIC)


def is_for_everyone(room: Room) -> bool:
    """Whether nobody needs to be asked for: the answer is the same for all."""
    return room.kind == Room.Kind.PUBLIC


def who_may_see(room: Room, member_ids: Collection[int]) -> set[int]:
    """Those of these members to whom the room is open. Who may see a room may write in it."""
    return set(member_ids) if is_for_everyone(room) else set()


def require(room: Room, member_id: int | None) -> None:
    """NotFound unless this member may see the room."""
    if not is_for_everyone(room) and (member_id is None or not who_may_see(room, [member_id])):
        raise no_such_room(room.key)


_BY_KEY: Lookup[Room] = Lookup(lambda key: Room.objects.filter(key=key), "a key")


def find(key: str) -> Room:
    """The room under that key, whoever may see it; NotFound if there is none."""
    # A key that cannot be one is not worth a query (and a NUL in it would be an error).
    room = _BY_KEY.first(key) if is_room_key(key) else None
    if room is None:
        raise no_such_room(key)
    return room


def room_for(member_id: int | None, key: str) -> Room:
    """The room under that key, if this member may see it; NotFound otherwise."""
    room = find(key)
    require(room, member_id)
    return room


def no_such_room(key: str) -> NotFound:
    """What is said of a room that is not there, and of one that is not for the asker."""
    return NotFound(f"There is no room “{key[:64]}” for you.")


def as_they_are(room_ids: Iterable[int]) -> dict[int, Room]:
    """These rooms by id, as the database has them now; without those that are gone."""
    return Room.objects.in_bulk(list(room_ids))


def require_still_open(asked: Room, now: Room) -> None:
    """NotFound if a room that was everyone's when it was asked for is so no more.

    For the commit, under the room's lock: whoever it was open to then may be shut out now.
    """
    if is_for_everyone(asked) and not is_for_everyone(now):
        raise no_such_room(asked.key)
