"""What holds now: who has an office, who is muted or banned, which rooms are locked or slow; and
how many reports wait for those who have an office.

It is short, so a node keeps all of it in memory and asks nobody when someone writes. Every ruling
raises one number: a node that knows of another number reads anew (docs/adr/0009).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from ..accounts.models import Member, Rulings
from ..accounts.permissions import Role
from ..rooms import access
from ..rooms.models import Room
from .models import Ban, Report


@dataclass(frozen=True, slots=True)
class RoomRules:
    """Only moderators write in a locked room; in a slow one others post once in so many seconds."""

    locked: bool = False
    slow_seconds: int = 0

    @classmethod
    def of(cls, room: Room) -> "RoomRules":
        return cls(room.locked, room.slow_seconds)


NO_RULES = RoomRules()


@dataclass(frozen=True, slots=True)
class ModerationState:
    """By id; who or what is not in here is as everyone is."""

    moderation_version: int = 0
    roles: dict[int, Role] = field(default_factory=dict)
    muted: dict[int, datetime] = field(default_factory=dict)
    # Until when; None: for good.
    banned: dict[int, datetime | None] = field(default_factory=dict)
    rules: dict[int, RoomRules] = field(default_factory=dict)
    # How many wait (`Report.objects.waiting`).
    reports: int = 0


class Numbers(NamedTuple):
    """How many rulings there were, and how many changes of sessions and names."""

    moderation_version: int = 0
    sessions: int = 0


def numbers() -> Numbers:
    """One row, asked every second."""
    row = Rulings.objects.values_list("count", "sessions").first()
    return Numbers(*row) if row else Numbers()


def load() -> ModerationState:
    # The number first: what is ruled while the rest is read will be read again.
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
            member_id: Role(office)
            for member_id, office in members.exclude(office="").values_list("pk", "office")
        },
        muted={member_id: until for member_id, until in muted if until is not None},
        banned=banned,
        rules={room.pk: RoomRules.of(room) for room in Room.objects.ruled()},
        # All who may look at reports see the same rooms.
        reports=Report.objects.filter(room__in=access.visible_to(None)).waiting(),
    )


def banned_among(member_ids: Iterable[int]) -> set[int]:
    bans = Ban.objects.in_force(timezone.now()).filter(member_id__in=member_ids)
    return set(bans.values_list("member_id", flat=True))
