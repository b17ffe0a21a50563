"""Numbers that every node asks for each second: of moderation, and of sessions.

Each change takes the next number under the lock of one row, so none is overlooked. Where another
number is read, a node reads anew what changed; for sessions there is a short list of whose.
"""

from functools import partial

from django.db import transaction
from django.db.models import F

from .. import bus
from .models import Rulings, SessionChange

# The newest changes that are kept. A node that has missed more asks about everyone it has.
KEPT = 1000


def record_moderation_change() -> None:
    """Say, within the transaction that changed it, that a role, mute, ban or rule is another."""
    numbers = Rulings.objects.filter(pk=1)
    if not numbers.update(count=F("count") + 1):
        # The first of all; another may be the first at the same time, and is waited for.
        Rulings.objects.bulk_create([Rulings(pk=1, count=0)], ignore_conflicts=True)
        numbers.update(count=F("count") + 1)
    transaction.on_commit(partial(bus.publish, bus.ModerationChanged()))


def record_session_change(member_id: int) -> None:
    """Say, within the transaction that changed the member, that the row is to be read anew.

    Lock members before, never after: two that wait for each other would both fail.
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
    """The members that changed after this number; None if the list does not reach so far back."""
    changes = SessionChange.objects.filter(number__gt=number).order_by("number")
    rows = list(changes.values_list("number", "member_id"))
    if not rows or rows[0][0] != number + 1:
        return None
    return {member_id for _, member_id in rows}
