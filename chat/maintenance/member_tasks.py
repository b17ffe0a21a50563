"""Tasks of members: a copy of their data, or their deletion, done in the background by a node.

A node leases a task and renews the lease with each step, in which it also notes where the next one
begins. So a task goes on where it was if the node dies. Steps may be done twice: the second time
changes nothing.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from ..accounts.models import Member
from ..errors import Busy, ChatError, Unavailable
from ..moderation.audit import record
from ..moderation.authorization import SYSTEM, Actor
from ..moderation.models import AuditEntry
from . import data_export, deleted_rooms, erasure, zip_parts
from .models import MemberTask, MemberTaskPart
from .succession import require_successors
from .throttling import rest_afterwards, run_throttled

logger = logging.getLogger(__name__)

# After a node died, another one takes its task over within this time.
LEASE = timedelta(seconds=30)
# A task that failed is tried again after this time, and one that must wait for somebody later.
AGAIN = timedelta(minutes=1)
WAITS = timedelta(hours=6)
# What a finished or removed task leaves is deleted in steps of so many rows.
PARTS_AT_ONCE = 50
_SIZE = Length("data")


class LostLeaseError(Exception):
    """Another node works on the task now."""


def is_due() -> bool:
    """Whether a task waits for a node."""
    return _due().exists() or _expired().exists()


def _due() -> QuerySet[MemberTask]:
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return MemberTask.objects.filter(free, due_at__lte=now, finished_at=None).order_by("due_at")


def take(worker: str, task_id: int | None = None) -> MemberTask | None:
    """Lease the task that has waited for longest, or this one. Of two nodes one gets it."""
    due = _due() if task_id is None else _due().filter(pk=task_id)
    for task in due[:10]:
        until = timezone.now() + LEASE
        mine = _due().filter(pk=task.pk, leased_until=task.leased_until)
        if mine.update(worker=worker, leased_until=until, problem=""):
            task.worker, task.leased_until = worker, until
            return task
    return None


def work(worker: str, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Do what waits, one task after the other, and remove files that are too old."""
    for expired in _expired()[:10]:
        remove(expired)
    while not is_stopped() and (task := take(worker)) is not None:
        try:
            run(task, is_stopped)
        except LostLeaseError:
            logger.warning("Another node goes on with the %s.", task)
        except (Busy, Unavailable) as error:
            _put_off(task, AGAIN, error.detail)
        except ChatError as error:
            _put_off(task, WAITS, error.detail)
        except Exception as error:
            logger.exception("The %s failed; it is tried again.", task)
            _put_off(task, AGAIN, type(error).__name__)


def run(
    task: MemberTask,
    is_stopped: Callable[[], bool] = lambda: False,
    on_progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Do the task from where it is, until it is finished or this process stops."""
    steps = _delete if task.kind == MemberTask.Kind.DELETION else _download
    for done in steps(task):
        on_progress(done)
        if is_stopped():
            _mine(task).update(leased_until=None)
            return
    _mine(task).update(finished_at=timezone.now(), leased_until=None)


def _put_off(task: MemberTask, by: timedelta, problem: str) -> None:
    problem = problem[:200]
    _mine(task).update(due_at=timezone.now() + by, leased_until=None, problem=problem)


def _mine(task: MemberTask) -> QuerySet[MemberTask]:
    return MemberTask.objects.filter(pk=task.pk, worker=task.worker, finished_at=None)


def _note(task: MemberTask, done: int, cursor: Any, **more: Any) -> None:
    """LostLeaseError if another node has taken the task over."""
    until = timezone.now() + LEASE
    noted = _mine(task).update(done=F("done") + done, cursor=cursor, leased_until=until, **more)
    if not noted:
        raise LostLeaseError


# --- The copy of the data ---------------------------------------------------------------------


def _download(task: MemberTask) -> Iterator[int]:
    """Make the parts of the file; yields how many messages each step added."""
    member = task.member
    if task.cursor is None:
        run_throttled(partial(_note, task, 0, [], total=data_export.count(member)))
    cursor = data_export.ExportPosition(*(task.cursor or ()))
    number = task.parts.count()
    for part in data_export.parts(member, cursor):
        with rest_afterwards(), transaction.atomic():
            _note(task, part.messages, part.cursor)
            if part.files:
                _add(task, number, part.files)
                number += 1
        yield part.messages
    pages = [
        entry[0]
        for entries in task.parts.order_by("number").values_list("entries", flat=True)
        for entry in entries
        if entry[0].endswith(".html")
    ]
    with transaction.atomic():
        last = data_export.last_part(member, pages)
        _add(task, number, last)
        _add_directory(task, number + 1)
        record(Actor(member), AuditEntry.Action.EXPORTED, member=member, what="own data")
        _note(task, 0, [])


def _add(task: MemberTask, number: int, files: data_export.Files) -> None:
    data, entries = zip_parts.part(files, timezone.now())
    MemberTaskPart.objects.create(task=task, number=number, data=data, entries=entries)


def _add_directory(task: MemberTask, number: int) -> None:
    begins = count = 0
    listed = []
    for size, entries in (
        task.parts.order_by("number").annotate(size=_SIZE).values_list("size", "entries")
    ):
        listed.append((begins, [zip_parts.Entry(*entry) for entry in entries]))
        begins += size
        count += len(entries)
    directory = zip_parts.directory(listed)
    data = directory + zip_parts.end(count, len(directory), begins)
    MemberTaskPart.objects.create(task=task, number=number, data=data, entries=[])


def size_of(task: MemberTask) -> int:
    return sum(task.parts.annotate(size=_SIZE).values_list("size", flat=True))


def part_of(task_id: int, number: int) -> bytes | None:
    """One piece of the file; None after the last."""
    parts = MemberTaskPart.objects.filter(task=task_id, number=number)
    data = parts.values_list("data", flat=True).first()
    return None if data is None else bytes(data)


# --- The deletion -----------------------------------------------------------------------------


def _delete(task: MemberTask) -> Iterator[int]:
    """Delete what is not kept; yields how many messages each step deleted."""
    member = task.member
    choices = erasure.Choices(task.keeps_name, task.keeps_texts)
    if task.cursor is None:
        run_throttled(partial(_begin, task, choices))
    for step in erasure.finish(member, choices, erasure.ErasurePosition(*(task.cursor or ()))):
        run_throttled(partial(_note, task, step.rows, step.cursor))
        yield step.rows
    for other in MemberTask.objects.filter(member=member).exclude(pk=task.pk):
        remove(other)
    deleted_rooms.purge_all()
    with transaction.atomic():
        record(SYSTEM, AuditEntry.Action.ERASED, member=member)
        _note(task, 0, task.cursor or [])


def _begin(task: MemberTask, choices: erasure.Choices) -> None:
    """From here on nothing can be undone. Forbidden if somebody must take over a room first."""
    member = task.member
    # In the order of their ids, and before the numbers that changes take.
    owners = Member.objects.live().filter(office=Member.Office.OWNER)
    locked = Member.objects.filter(Q(pk__in=erasure.authors_of(member)) | Q(pk__in=owners))
    list(locked.order_by("pk").select_for_update(no_key=True))
    require_successors(Member.objects.get(pk=member.pk), delete_alone=True)
    _note(task, 0, [], total=erasure.count(member))
    erasure.close(member, choices)


# --- What is left -----------------------------------------------------------------------------


def _expired() -> QuerySet[MemberTask]:
    """Files that nobody fetched for long, and notes of what was deleted."""
    since = timezone.now() - timedelta(days=settings.DOWNLOADS_KEPT_DAYS)
    return MemberTask.objects.filter(finished_at__lt=since)


def remove(task: MemberTask) -> None:
    """Remove the task and its file, in small steps."""
    while numbers := list(task.parts.values_list("number", flat=True)[:PARTS_AT_ONCE]):
        run_throttled(task.parts.filter(number__in=numbers).delete)
    MemberTask.objects.filter(pk=task.pk).delete()
