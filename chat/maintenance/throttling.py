"""Throttling: long work on a live database runs in short transactions, with a rest after each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from ..errors import Busy

T = TypeVar("T")

# Work that does not get a lock is tried so often in all, with growing pauses.
ATTEMPTS = 6
PAUSE_SECONDS = 0.5
# On SQLite a step blocks all other writers. After it they have so many times as long.
RESTS = 19
# After a write, another writer is assumed to be active for so long.
ACTIVE_SECONDS = 2.0
# PostgreSQL's lock_not_available, query_canceled and deadlock_detected.
_TRY_AGAIN = {"55P03", "57014", "40P01"}


class _OtherWriters:
    """Notices other writers of the same SQLite database, which has one lock for all writing."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._seen_at = -ACTIVE_SECONDS

    def are_active(self) -> bool:
        """Whether one of them has written since the last call, or shortly before it."""
        if connection.vendor != "sqlite":
            return False
        with connection.cursor() as cursor:
            # Changes whenever another connection commits.
            cursor.execute("PRAGMA data_version")
            [version] = cursor.fetchone()
        now = time.monotonic()
        if self._version not in (None, version):
            self._seen_at = now
        self._version = version
        return now - self._seen_at < ACTIVE_SECONDS


_other_writers = _OtherWriters()


def run_throttled(work: Callable[[], T]) -> T:
    """Run the work in a transaction of its own, then rest as long as it took.

    So others have the database half of the time, and get a lock that this step held before the next
    step begins. On SQLite a step blocks all other writers, so the rest is RESTS times as long there
    while others write.
    """
    began = time.monotonic()
    done = retry_if_busy(partial(_in_a_transaction, work))
    rest(began, times=RESTS if _other_writers.are_active() else 1)
    return done


@contextmanager
def rest_afterwards() -> Iterator[None]:
    """Run the block, then rest as long as it took."""
    began = time.monotonic()
    yield
    rest(began)


def rest(began: float, times: float = 1) -> None:
    """Sleep `times` as long as has passed since `began`, a value of time.monotonic()."""
    time.sleep(times * (time.monotonic() - began))


def retry_if_busy(work: Callable[[], T]) -> T:
    """Run the work, which is a whole transaction; retry it after a pause if a lock was not free."""
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except (OperationalError, Busy) as error:
            if not _is_busy(error):
                raise
            time.sleep(PAUSE_SECONDS * attempt)
    return work()


def _in_a_transaction(work: Callable[[], T]) -> T:
    with transaction.atomic():
        return work()


def _is_busy(error: Exception) -> bool:
    if isinstance(error, Busy):
        return True
    return getattr(error.__cause__, "sqlstate", None) in _TRY_AGAIN or "locked" in str(error)
