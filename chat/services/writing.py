"""Whether someone may write here now. Nodes ask with what they keep in memory, pages by row."""

from datetime import datetime, timedelta

from django.utils import timezone

from ..errors import Forbidden, RateLimited
from ..models import Member, Message, Power, Role, Room, RoomHead
from ..models.roles import may
from . import access, log
from .intents import Delete, Intent, Post
from .standing import RoomRules

# Pages look for a member's last message among so many of the room's last numbers.
LOOKED_THROUGH = 500


def write(*, member: Member, room: Room, intent: Intent) -> log.Accepted:
    """Commit this if its member may write here: for the ways in that are no socket."""
    now, rules = timezone.now(), RoomRules.of(room)
    access.require(room, member.pk)
    check(intent, member.role, member.muted_until, rules, now)
    if isinstance(intent, Post) and is_slow_for(member.role, rules):
        last_at = _last_post_at(member, room, now - timedelta(seconds=rules.slow_seconds))
        if last_at is not None:
            check_pace(rules, (now - last_at).total_seconds())
    return log.commit_one(room, intent)


def check(
    intent: Intent, role: Role, muted_until: datetime | None, rules: RoomRules, now: datetime
) -> None:
    """Forbidden if the mute or the lock is against it. What one said can always be taken back."""
    if isinstance(intent, Delete):
        return
    if muted_until is not None and muted_until > now:
        left_ms = int((muted_until - now).total_seconds() * 1000)
        raise Forbidden(
            f"You are muted until {muted_until:%H:%M UTC on %d %B}.", retry_ms=left_ms + 1
        )
    if rules.locked and not may(role, Power.WRITE_UNBOUND):
        raise Forbidden("This room is locked: only moderators write here for now.")


def is_slow_for(role: Role, rules: RoomRules) -> bool:
    return rules.slow_seconds > 0 and not may(role, Power.WRITE_UNBOUND)


def check_pace(rules: RoomRules, seconds_since_last: float) -> None:
    """RateLimited if a slow room has heard from this member too recently."""
    wait = rules.slow_seconds - seconds_since_last
    if wait > 0:
        raise RateLimited(
            f"Slow mode: one message in {rules.slow_seconds} seconds here.",
            retry_ms=int(wait * 1000) + 1,
        )


def _last_post_at(member: Member, room: Room, since: datetime) -> datetime | None:
    head = RoomHead.objects.values_list("head", flat=True).get(room=room)
    recent = Message.objects.in_room(room.pk).filter(
        seq__gt=head - LOOKED_THROUGH, author=member, created_at__gt=since
    )
    return recent.order_by("-seq").values_list("created_at", flat=True).first()
