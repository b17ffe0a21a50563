"""The room list of a member: which rooms are in it, how far they go, and what is unread there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from .. import protocol
from . import access
from .models import LOBBY, Membership, ReadMark, Room, RoomHead

# Counting stops here: a longer list of unread messages is “100 and more”.
UNREAD_MAX = 100

# A room's key, and whether it is public.
Place = tuple[str, bool]
# The columns of a RoomInList, in its order.
_COLUMNS = (
    *("pk", "key", "name", "kind", "topic", "archived_at", "log__head", "log__posted"),
    *("locked", "slow_seconds", "inviters"),
)


@dataclass(frozen=True, slots=True)
class RoomInList:
    """A room as it stands in lists. `posted` counts its messages; only differences count."""

    id: int
    key: str
    name: str
    kind: str
    topic: str
    archived: bool
    head: int
    posted: int
    locked: bool = False
    slow_seconds: int = 0
    inviters: str = Room.Inviters.MEMBERS.value

    @property
    def is_public(self) -> bool:
        return self.kind == Room.Kind.PUBLIC


@dataclass(frozen=True, slots=True)
class Joined:
    """What a member is in a room. `people`: the other members of a direct room."""

    role: str
    notify: str
    people: tuple[protocol.MemberRef, ...] = ()
    # A direct room that somebody else opened, in which nothing was said yet.
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a member has read in a room, and how many messages it had by then."""

    seq: int
    posted: int


@dataclass(slots=True)
class Lists:
    """Rooms by id; the ids of those in every list; by member, what they joined and read."""

    rooms: dict[int, RoomInList] = field(default_factory=dict)
    public: list[int] = field(default_factory=list)
    joined: dict[int, dict[int, Joined]] = field(default_factory=dict)
    markers: dict[int, dict[int, Marker]] = field(default_factory=dict)

    def of(self, member_id: int) -> list[int]:
        """The ids of the rooms in this member's list: everyone's first, then their own."""
        return list(dict.fromkeys([*self.public, *self.joined.get(member_id, {})]))


def load(member_ids: Collection[int]) -> Lists:
    """The lists of these members, in as many queries as for one."""
    public = _public_rooms()
    lists = Lists(public, list(public))
    lists.joined = {member_id: {} for member_id in member_ids}
    lists.markers = {member_id: {} for member_id in member_ids}
    if member_ids:
        _add_memberships(lists)
        _add_markers(lists)
    return lists


def _public_rooms() -> dict[int, RoomInList]:
    """The lobby, and the first of the other public rooms by name."""
    rooms = access.visible_to(None).order_by("name", "pk")
    others = rooms.exclude(key=LOBBY)[: settings.ROOMS_LISTED - 1]
    rows = [*rooms.filter(key=LOBBY).values_list(*_COLUMNS), *others.values_list(*_COLUMNS)]
    return {room.id: room for room in map(_listed, rows)}


def _listed(row: Iterable[Any]) -> RoomInList:
    pk, key, name, kind, topic, archived_at, head, posted, *rules = row
    # A lost head is rebuilt when someone writes.
    archived, head, posted = archived_at is not None, head or 0, posted or 0
    return RoomInList(pk, key, name, kind, topic, archived, head, posted, *rules)


def _add_memberships(lists: Lists) -> None:
    columns = ("member", "role", "notify", "room__created_by", *(f"room__{c}" for c in _COLUMNS))
    rows = Membership.objects.filter(member__in=lists.joined).order_by("joined_at", "pk")
    creators: dict[int, int | None] = {}
    for member_id, role, notify, creator, *row in rows.values_list(*columns):
        room = _listed(row)
        lists.rooms[room.id], creators[room.id] = room, creator
        lists.joined[member_id][room.id] = Joined(role, notify)
    direct = {room.id for room in lists.rooms.values() if room.kind == Room.Kind.DIRECT}
    if direct:
        _add_people(lists, direct, creators)


def _add_people(lists: Lists, direct: set[int], creators: dict[int, int | None]) -> None:
    """Direct rooms bear the names of the others in them."""
    people: dict[int, list[protocol.MemberRef]] = {}
    rows = Membership.objects.filter(room__in=direct).order_by("member")
    for room_id, member_id, name in rows.values_list("room", "member", "member__name"):
        people.setdefault(room_id, []).append(protocol.MemberRef(member_id, name))
    for member_id, joined in lists.joined.items():
        for room_id in joined.keys() & direct:
            mine = joined[room_id]
            joined[room_id] = Joined(
                mine.role,
                mine.notify,
                tuple(one for one in people[room_id] if one.id != member_id),
                hidden=lists.rooms[room_id].head == 0 and creators[room_id] != member_id,
            )


def _add_markers(lists: Lists) -> None:
    marks = ReadMark.objects.filter(member__in=lists.markers, room__in=lists.rooms)
    for member_id, room_id, *mark in marks.values_list("member", "room", "seq", "posted"):
        lists.markers[member_id][room_id] = Marker(*mark)


def rooms(room_ids: Collection[int]) -> dict[int, RoomInList]:
    """These rooms as they are now, by id. Deleted ones are missing."""
    rows = Room.objects.filter(pk__in=room_ids).exclude(kind=Room.Kind.DELETED)
    return {room.id: room for room in map(_listed, rows.values_list(*_COLUMNS))}


def places(room_ids: Collection[int]) -> dict[int, Place]:
    """The key of each of these rooms, deleted ones too, and whether it is public."""
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "key", "kind")
    return {pk: (key, kind == Room.Kind.PUBLIC) for pk, key, kind in rows}


def entry(
    room: RoomInList,
    joined: Joined | None,
    marker: Marker | None,
    mentions: int = 0,
    *,
    is_visitor: bool = False,
) -> protocol.ListEntry:
    """The room as a list shows it. A room that a member never opened has nothing unread."""
    people = joined.people if joined else ()
    return protocol.ListEntry(
        room=room.key,
        name=", ".join(one.name for one in people) or room.name,
        kind=room.kind,
        head=room.head,
        topic=room.topic,
        archived=room.archived,
        read=marker.seq if marker else None,
        unread=unread(room.posted, marker),
        mentions=None if is_visitor else mentions,
        notify=None if is_visitor else joined.notify if joined else Membership.Notify.ALL.value,
        role=joined.role if joined else None,
        joined=joined is not None,
        members=list(people) if room.kind == Room.Kind.DIRECT else None,
        locked=room.locked,
        slow_s=room.slow_seconds,
        inviters=None if room.inviters == Room.Inviters.MEMBERS else room.inviters,
    )


def unread(posted: int, marker: Marker | None) -> int | None:
    """How many messages came after the marker; None without one."""
    return None if marker is None else min(max(posted - marker.posted, 0), UNREAD_MAX)


def ends_since(moment: datetime) -> list[tuple[int, int, int]]:
    """Id, head and `posted` of every room in which something was said or changed since then."""
    rows = RoomHead.objects.filter(last_at__gt=moment)
    return list(rows.values_list("room", "head", "posted"))


def markers(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Marker]:
    """The markers of these (member, room)."""
    marks = ReadMark.objects.filter(
        member__in={member_id for member_id, _ in pairs}, room__in={room_id for _, room_id in pairs}
    )
    rows = marks.values_list("member", "room", "seq", "posted")
    found = {(member, room): Marker(seq, posted) for member, room, seq, posted in rows}
    return {pair: found[pair] for pair in pairs if pair in found}


def markers_moved_since(moment: datetime, member_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Which markers of these members moved since then, as (member, room)."""
    marks = ReadMark.objects.filter(moved_at__gt=moment, member__in=list(member_ids))
    return list(marks.values_list("member", "room"))
