"""Three numbers that every node polls each second: the moderation version, the session number and
the access number.

Each change takes the next number under the lock of one row, so no change is missed. A node that
reads a new number reloads what changed. For sessions and access short lists say whose.
"""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import F

from .. import bus
from .models import AccessChange, ChangeNumbers, SessionChange

# So many of the newest changes are kept. A node that missed more checks all its members.
KEPT = 1000
# What changed: a room's id, and the member whose membership it is; None: the room itself.
Access = tuple[int, int | None]


def record_moderation_change() -> None:
    """Raise the moderation version. Call it in the transaction that changes a role, mute, ban, room
    rule or report.
    """
    _raise("count", 1)
    transaction.on_commit(partial(bus.publish, bus.ModerationChanged()))


def record_session_change(member_id: int) -> None:
    """Make the nodes reload this member. Call it in the transaction that changes the member's row.

    Lock members before this call, never after it: the other order can deadlock.
    """
    number = _raise("sessions", 1)
    SessionChange.objects.create(number=number, member_id=member_id)
    SessionChange.objects.filter(number__lte=number - KEPT).delete()
    transaction.on_commit(partial(bus.publish, bus.MemberChanged(member_id)))


def record_access_changes(changes: Iterable[Access]) -> None:
    """Make the nodes reload these rooms and memberships. Call it in the transaction that changes
    them, after the locks that it takes.
    """
    changed = list(changes)
    if not changed:
        return
    last = _raise("access", len(changed))
    AccessChange.objects.bulk_create(
        AccessChange(number=number, room_id=room_id, member_id=member_id)
        for number, (room_id, member_id) in enumerate(changed, last - len(changed) + 1)
    )
    AccessChange.objects.filter(number__lte=last - KEPT).delete()
    transaction.on_commit(partial(bus.publish, bus.ModerationChanged()))


def _raise(name: str, count: int) -> int:
    """Raise one of the numbers; its row is locked until the transaction ends."""
    numbers = ChangeNumbers.objects.filter(pk=1)
    if not numbers.update(**{name: F(name) + count}):
        # The first of all; another may be the first at the same time, and is waited for.
        ChangeNumbers.objects.bulk_create([ChangeNumbers(pk=1)], ignore_conflicts=True)
        numbers.update(**{name: F(name) + count})
    return int(numbers.values_list(name, flat=True).get())


def access_changes_since(number: int) -> list[Access] | None:
    """What changed after this number; None if the list does not go back so far."""
    changes = AccessChange.objects.filter(number__gt=number).order_by("number")
    rows = list(changes.values_list("number", "room_id", "member_id"))
    if not rows or rows[0][0] != number + 1:
        return None
    return [(room_id, member_id) for _, room_id, member_id in rows]


def session_changes_since(number: int) -> set[int] | None:
    """The ids of members changed after this number; None if the list does not go back so far."""
    changes = SessionChange.objects.filter(number__gt=number).order_by("number")
    rows = list(changes.values_list("number", "member_id"))
    if not rows or rows[0][0] != number + 1:
        return None
    return {member_id for _, member_id in rows}
