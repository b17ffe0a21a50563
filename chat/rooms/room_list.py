"""The room list of a member: which rooms are in it, how far they go, and what is unread there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from .. import protocol
from . import access
from .models import LOBBY, ReadMark, RoomHead

# Counting stops here: a longer list of unread messages is “100 and more”.
UNREAD_MAX = 100


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """A room as it stands in lists. `posted` counts its messages; only differences count."""

    id: int
    key: str
    name: str
    kind: str
    head: int
    posted: int


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a member has read in a room, and how many messages it had by then."""

    seq: int
    posted: int


@dataclass(slots=True)
class Lists:
    """The rooms that are in every list, and the read markers of some members by room id."""

    public: list[ListedRoom] = field(default_factory=list)
    markers: dict[int, dict[int, Marker]] = field(default_factory=dict)


def load(member_ids: Collection[int]) -> Lists:
    """The lists of these members, in two queries however many they are."""
    public = _public_rooms()
    lists = Lists(public, {member_id: {} for member_id in member_ids})
    marks = ReadMark.objects.filter(member__in=member_ids, room__in=[room.id for room in public])
    for member_id, room_id, *mark in marks.values_list("member", "room", "seq", "posted"):
        lists.markers[member_id][room_id] = Marker(*mark)
    return lists


def _public_rooms() -> list[ListedRoom]:
    """The lobby, and the first of the other public rooms by name."""
    rooms = access.visible_to(None).order_by("name", "pk")
    columns = "pk", "key", "name", "kind", "log__head", "log__posted"
    others = rooms.exclude(key=LOBBY)[: settings.ROOMS_LISTED - 1]
    rows = [*rooms.filter(key=LOBBY).values_list(*columns), *others.values_list(*columns)]
    # A lost head is rebuilt when someone writes.
    return [
        ListedRoom(pk, key, name, kind, head or 0, posted or 0)
        for pk, key, name, kind, head, posted in rows
    ]


def entry(room: ListedRoom, marker: Marker | None, *, is_visitor: bool) -> protocol.RoomEntry:
    """The room as a list shows it. A room that a member never opened has nothing unread."""
    if is_visitor:
        return protocol.RoomEntry(room=room.key, name=room.name, kind=room.kind, head=room.head)
    return protocol.RoomEntry(
        room=room.key,
        name=room.name,
        kind=room.kind,
        head=room.head,
        read=marker.seq if marker else None,
        unread=unread(room.posted, marker),
        mentions=0,
        notify="all",
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
