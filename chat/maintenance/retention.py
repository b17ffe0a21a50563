"""Retention: raises a log's floor, then deletes the rows below it.

The floor is raised first, so that readers below it get `too_far`, and nobody changes or replies to
messages that are being deleted. A message with a change above the floor keeps its row, emptied,
because the change refers to it. It is deleted when the floor has passed the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models.functions import Coalesce
from django.utils import timezone

from ..messages.models import Change, Message
from ..rooms.models import Room, RoomHead
from .throttling import run_throttled

# Rows deleted in one transaction. On SQLite every other writer waits for its commit.
BATCH = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """Raise the floor of a room from `floor` to `upto`."""

    room: Room
    floor: int
    upto: int

    @property
    def numbers(self) -> int:
        return self.upto - self.floor


def plan(room: Room, *, before: datetime, keep: int) -> Plan:
    """Plan to delete all messages from before that time, except the last `keep`.

    At least one is kept: readers prove their position by the row that holds the last number.
    """
    log = RoomHead.objects.get(room=room)
    messages = Message.objects.in_room(room.pk)
    newest = messages.before(log.head + 1).values_list("seq", flat=True)
    kept = newest[max(keep, 1) - 1 :].first()
    low, high = log.floor, max(log.floor, min(log.head, kept or 0) - 1)
    # Binary search: times never go back in a log, so no index on them is needed.
    while low < high:
        middle = (low + high + 1) // 2
        last = messages.before(middle + 1).values_list("created_at", flat=True).first()
        if last is None or last < before:
            low = middle
        else:
            high = middle - 1
    return Plan(room, log.floor, low)


def prune(plan: Plan) -> Iterator[int]:
    """Carry out the plan while the room is in use. Yields the number of rows of each step.

    If it is stopped, the next run finishes it.
    """
    run_throttled(partial(_raise_floor, plan))
    # Changes first, because they refer to messages.
    for rows, delete in (
        (Change.objects.filter(room=plan.room), _delete_changes),
        (Message.objects.in_room(plan.room.pk), _delete_messages),
    ):
        below = rows.filter(seq__lte=plan.upto).order_by("seq").values_list("seq", flat=True)
        last = 0
        while batch := list(below.filter(seq__gt=last)[:BATCH]):
            run_throttled(partial(delete, plan, batch[0], batch[-1]))
            last = batch[-1]
            yield len(batch)


def _raise_floor(plan: Plan) -> None:
    # The update waits for a commit in flight. The next commit sees the new floor under the lock.
    RoomHead.objects.filter(room=plan.room, floor__lt=plan.upto).update(floor=plan.upto)


def _delete_changes(plan: Plan, first: int, last: int) -> None:
    changes = Change.objects.filter(room=plan.room, seq__range=(first, last))
    changes._raw_delete(changes.db)  # nothing refers to a change


def _delete_messages(plan: Plan, first: int, last: int) -> None:
    messages = Message.objects.in_room(plan.room.pk).filter(seq__range=(first, last))
    changed_since = messages.filter(updated_seq__gt=plan.upto)
    Change.objects.filter(message__in=changed_since).update(replaced=None)
    changed_since.exclude(body="", reactions=None).update(
        body="",
        reactions=None,
        mentions=None,
        deleted_at=Coalesce("deleted_at", timezone.now()),
    )
    # Raw, so that Django does not fetch the rows to cascade: their changes are deleted already.
    gone = messages.filter(updated_seq__lte=plan.upto)
    gone._raw_delete(gone.db)
