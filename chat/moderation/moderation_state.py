"""The moderation state: all roles, mutes, bans and room rules that are in force, and how many
reports and newcomers wait.

It is small, so each node keeps all of it in memory and needs no query when someone writes. Every
change raises the moderation version; a node that sees another version reloads (docs/adr/0009).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from ..accounts.models import ChangeNumbers, Member
from ..accounts.permissions import Permission, Role, is_allowed
from ..accounts.site_models import Newcomer
from ..rooms.models import Room
from .models import WAITING_SHOWN, Ban, Report


@dataclass(frozen=True, slots=True)
class RoomRules:
    """In a locked room only moderators write; in a slow one others post once in `slow_seconds`; in
    an archived one nobody writes.
    """

    locked: bool = False
    slow_seconds: int = 0
    archived: bool = False

    @classmethod
    def of(cls, room: Room) -> "RoomRules":
        return cls(room.locked, room.slow_seconds, room.is_archived)


NO_RULES = RoomRules()


class OpenReports(NamedTuple):
    """How many reports of one room are open."""

    number: int
    is_public: bool


@dataclass(frozen=True, slots=True)
class ModerationState:
    """Keyed by the ids of members and rooms. Those without an entry have no role, mute or rule."""

    moderation_version: int = 0
    roles: dict[int, Role] = field(default_factory=dict)
    muted: dict[int, datetime] = field(default_factory=dict)
    # The end of the ban; None: for good.
    banned: dict[int, datetime | None] = field(default_factory=dict)
    rules: dict[int, RoomRules] = field(default_factory=dict)
    # By room: how many are open, and whether everyone may see the room.
    reports: dict[int, OpenReports] = field(default_factory=dict)
    # How many wait to be let in, up to WAITING_SHOWN + 1.
    newcomers: int = 0

    def reports_for(self, reviews_all: bool, roles: Mapping[int, Role]) -> int:
        """How many reports wait for a member with these roles in rooms, up to WAITING_SHOWN + 1.

        `reviews_all`: those of all rooms that the member sees.
        """
        counts = (
            here.number
            for room_id, here in self.reports.items()
            if (reviews_all and (here.is_public or room_id in roles))
            or is_allowed(roles.get(room_id, Role.GUEST), Permission.REVIEW)
        )
        return min(sum(counts), WAITING_SHOWN + 1)


class Numbers(NamedTuple):
    """The moderation version, and the numbers of the last change to a session or name, and to a
    room or membership.
    """

    moderation_version: int = 0
    sessions: int = 0
    access: int = 0


def numbers() -> Numbers:
    """All numbers, from one row. Every node asks once a second."""
    row = ChangeNumbers.objects.values_list("count", "sessions", "access").first()
    return Numbers(*row) if row else Numbers()


def load() -> ModerationState:
    # The version first: a change during the other reads raises it, and the node reloads.
    number, moment = numbers().moderation_version, timezone.now()
    members = Member.objects.live()
    muted = members.filter(muted_until__gt=moment).values_list("pk", "muted_until")
    bans = Ban.objects.in_force(moment).order_by("pk").values_list("member_id", "until")
    banned: dict[int, datetime | None] = {}
    for member_id, until in bans:
        known = banned.get(member_id, until)
        banned[member_id] = max(known, until) if known and until else None
    return ModerationState(
        moderation_version=number,
        roles={
            member_id: Role(role)
            for member_id, role in members.exclude(office="").values_list("pk", "office")
        },
        muted={member_id: until for member_id, until in muted if until is not None},
        banned=banned,
        rules={room.pk: RoomRules.of(room) for room in Room.objects.ruled()},
        reports=_open_reports(),
        newcomers=len(Newcomer.objects.waiting().values_list("pk")[: WAITING_SHOWN + 1]),
    )


def _open_reports() -> dict[int, OpenReports]:
    open_ones = Report.objects.filter(closed_at=None).order_by()
    rows = open_ones.values_list("room", "room__kind").annotate(Count("pk"))
    return {room_id: OpenReports(count, kind == Room.Kind.PUBLIC) for room_id, kind, count in rows}


def banned_among(member_ids: Iterable[int]) -> set[int]:
    """Those of these members who are banned now."""
    bans = Ban.objects.in_force(timezone.now()).filter(member_id__in=member_ids)
    return set(bans.values_list("member_id", flat=True))
