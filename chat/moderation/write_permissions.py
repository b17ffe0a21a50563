"""Whether a member may write in a room now: mutes, locked rooms and slow mode.

Sockets check against the moderation state in memory, pages against the rows.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from ..accounts.models import Member
from ..accounts.permissions import Permission, Role, is_allowed
from ..errors import Forbidden, RateLimited
from ..messages import commit
from ..messages.models import Message
from ..messages.operations import Delete, Operation, Post
from ..rooms import access
from ..rooms.models import Room, RoomHead
from . import guest_limits
from .moderation_state import RoomRules

Commit = Callable[[Room, Operation], commit.Accepted]

# Pages look for a member's last post among so many of the room's last numbers.
LAST_NUMBERS_SEARCHED = 500
# For so long after joining, a guest in a slow room has to wait for posts of their network too.
NEWCOMER_SECONDS = 600


def write(
    *, member: Member, room: Room, operation: Operation, through: Commit = commit.commit_operation
) -> commit.Accepted:
    """Commit the operation if its member may write here. For pages; sockets check in the node.

    `through`: what commits it.
    """
    now, rules = timezone.now(), RoomRules.of(room)
    access.require(room, member.pk)
    if not isinstance(operation, Delete):
        guest_limits.check(member)
    role = _role_for(rules, room, member)
    check(operation, role, member.muted_until, rules, now)
    if isinstance(operation, Post) and is_slow_for(role, rules):
        since = now - timedelta(seconds=rules.slow_seconds)
        last_at = _last_post_at(room, since, author=member)
        if last_at is not None:
            check_pace(rules, (now - last_at).total_seconds())
        check_network_pace(member.pk, room, rules)
    return through(room, operation)


def check(
    operation: Operation, role: Role, muted_until: datetime | None, rules: RoomRules, now: datetime
) -> None:
    """Forbidden if the member is muted, or the room locked or archived. Deleting one's own is
    always allowed.
    """
    if isinstance(operation, Delete):
        return
    if muted_until is not None and muted_until > now:
        left_ms = int((muted_until - now).total_seconds() * 1000)
        words = gettext("You are muted until {time}.")
        until = date_format(muted_until.astimezone(UTC), "H:i T, j F")
        raise Forbidden(words.format(time=until), retry_ms=left_ms + 1)
    if rules.archived:
        raise Forbidden(
            gettext("This room is archived: it can be read, and nothing new is written.")
        )
    if rules.locked and not is_allowed(role, Permission.WRITE_UNBOUND):
        raise Forbidden(gettext("This room is locked: only moderators write here for now."))


def _role_for(rules: RoomRules, room: Room, member: Member) -> Role:
    """The role here where a rule asks for it: it costs a query."""
    if not (rules.locked or rules.slow_seconds):
        return member.role
    return access.role_in(room, member.pk, member.role)


def is_slow_for(role: Role, rules: RoomRules) -> bool:
    return rules.slow_seconds > 0 and not is_allowed(role, Permission.WRITE_UNBOUND)


def check_pace(rules: RoomRules, seconds_since_last: float) -> None:
    """RateLimited if the member's last post is too recent for the slow mode."""
    wait = rules.slow_seconds - seconds_since_last
    if wait > 0:
        raise RateLimited(
            gettext("Slow mode: one message in {count} seconds here.").format(
                count=rules.slow_seconds
            ),
            retry_ms=int(wait * 1000) + 1,
        )


def check_network_pace(member_id: int, room: Room, rules: RoomRules) -> None:
    """RateLimited if someone of a new guest's network posted here shortly before the guest joined.

    Without this check, joining under a new name would evade slow mode. Posts after the guest
    joined do not count, so that a classroom behind one address is not slowed as one member.
    """
    now = timezone.now()
    new_since = now - timedelta(seconds=min(rules.slow_seconds, NEWCOMER_SECONDS))
    newcomers = Member.objects.filter(
        pk=member_id, kind=Member.Kind.GUEST, created_at__gt=new_since
    ).exclude(address_hash="")
    guest = newcomers.values_list("address_hash", "created_at").first()
    if guest is not None:
        network, joined_at = guest
        since = now - timedelta(seconds=rules.slow_seconds)
        last_at = _last_post_at(room, since, author__address_hash=network, created_at__lt=joined_at)
        if last_at is not None:
            check_pace(rules, (now - last_at).total_seconds())


def _last_post_at(room: Room, since: datetime, **by: Any) -> datetime | None:
    head = RoomHead.objects.filter(room=room).values_list("head", flat=True).first() or 0
    recent = Message.objects.in_room(room.pk).filter(
        seq__gt=head - LAST_NUMBERS_SEARCHED, created_at__gt=since, **by
    )
    return recent.order_by("-seq").values_list("created_at", flat=True).first()
