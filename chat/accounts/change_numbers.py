"""Two numbers that every node polls each second: the moderation version and the session number.

Each change takes the next number under the lock of one row, so no change is missed. A node that
reads a new number reloads what changed. For sessions a short list says whose.
"""

from functools import partial

from django.db import transaction
from django.db.models import F

from .. import bus
from .models import Rulings, SessionChange

# So many of the newest session changes are kept. A node that missed more checks all its members.
KEPT = 1000


def record_moderation_change() -> None:
    """Raise the moderation version. Call it in the transaction that changes a role, mute, ban, room
    rule or report.
    """
    numbers = Rulings.objects.filter(pk=1)
    if not numbers.update(count=F("count") + 1):
        # The first of all; another may be the first at the same time, and is waited for.
        Rulings.objects.bulk_create([Rulings(pk=1, count=0)], ignore_conflicts=True)
        numbers.update(count=F("count") + 1)
    transaction.on_commit(partial(bus.publish, bus.ModerationChanged()))


def record_session_change(member_id: int) -> None:
    """Make the nodes reload this member. Call it in the transaction that changes the member's row.

    Lock members before this call, never after it: the other order can deadlock.
    """
    numbers = Rulings.objects.filter(pk=1)
    if not numbers.update(sessions=F("sessions") + 1):
        # The first of all; another may be the first at the same time, and is waited for.
        Rulings.objects.bulk_create([Rulings(pk=1)], ignore_conflicts=True)
        numbers.update(sessions=F("sessions") + 1)
    number = numbers.values_list("sessions", flat=True).get()
    SessionChange.objects.create(number=number, member_id=member_id)
    SessionChange.objects.filter(number__lte=number - KEPT).delete()
    transaction.on_commit(partial(bus.publish, bus.MemberChanged(member_id)))


def session_changes_since(number: int) -> set[int] | None:
    """The ids of members changed after this number; None if the list does not go back so far."""
    changes = SessionChange.objects.filter(number__gt=number).order_by("number")
    rows = list(changes.values_list("number", "member_id"))
    if not rows or rows[0][0] != number + 1:
        return None
    return {member_id for _, member_id in rows}
