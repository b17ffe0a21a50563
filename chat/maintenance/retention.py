"""Retention: a log's floor goes up, then what lies below it is deleted.

The floor goes first: from then on a reader below it is told `too_far`, and nobody changes or
answers what is about to go. A message that was changed above the floor keeps its row, emptied,
since the change that holds a number needs it; it goes when the floor has passed the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models.functions import Coalesce
from django.utils import timezone

from ..messages.models import Change, Message
from ..rooms.models import Room, RoomHead
from .throttling import gently

# Rows of one transaction. On SQLite each touches pages of its own, and others wait for the commit.
BATCH = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How far the floor of a room is to go up."""

    room: Room
    floor: int
    upto: int

    @property
    def numbers(self) -> int:
        return self.upto - self.floor


def plan(room: Room, *, before: datetime, keep: int) -> Plan:
    """Everything said before that time is to go, but for the last `keep` messages.

    One stays in any case: by the row that holds the last number, readers prove where they stand.
    """
    log = RoomHead.objects.get(room=room)
    messages = Message.objects.in_room(room.pk)
    newest = messages.before(log.head + 1).values_list("seq", flat=True)
    kept = newest[max(keep, 1) - 1 :].first()
    low, high = log.floor, max(log.floor, min(log.head, kept or 0) - 1)
    # Numbers and times grow together, so this needs no index on the times.
    while low < high:
        middle = (low + high + 1) // 2
        last = messages.before(middle + 1).values_list("created_at", flat=True).first()
        if last is None or last < before:
            low = middle
        else:
            high = middle - 1
    return Plan(room, log.floor, low)


def prune(plan: Plan) -> Iterator[int]:
    """Carry it out, beside a live room. Yields how many rows each step has dealt with.

    Stopped in the middle, it is finished by the next run.
    """
    gently(partial(_raise_floor, plan))
    # First the changes: no message goes while one still refers to it.
    for rows, delete in (
        (Change.objects.filter(room=plan.room), _delete_changes),
        (Message.objects.in_room(plan.room.pk), _delete_messages),
    ):
        below = rows.filter(seq__lte=plan.upto).order_by("seq").values_list("seq", flat=True)
        swept = 0
        while batch := list(below.filter(seq__gt=swept)[:BATCH]):
            gently(partial(delete, plan, batch[0], batch[-1]))
            swept = batch[-1]
            yield len(batch)


def _raise_floor(plan: Plan) -> None:
    # Waits for the commit that is in flight; the next one sees the new floor under the lock.
    RoomHead.objects.filter(room=plan.room, floor__lt=plan.upto).update(floor=plan.upto)


def _delete_changes(plan: Plan, first: int, last: int) -> None:
    changes = Change.objects.filter(room=plan.room, seq__range=(first, last))
    changes._raw_delete(changes.db)  # nothing refers to a change


def _delete_messages(plan: Plan, first: int, last: int) -> None:
    messages = Message.objects.in_room(plan.room.pk).filter(seq__range=(first, last))
    changed_since = messages.filter(updated_seq__gt=plan.upto)
    Change.objects.filter(message__in=changed_since).update(replaced=None)
    changed_since.exclude(body="", reactions=None).update(
        body="", reactions=None, deleted_at=Coalesce("deleted_at", timezone.now())
    )
    # Raw, so that no million of rows is fetched: their changes went first.
    gone = messages.filter(updated_seq__lte=plan.upto)
    gone._raw_delete(gone.db)
