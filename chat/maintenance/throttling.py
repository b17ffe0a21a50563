"""Long work beside a live room: short transactions, and a rest after each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from ..errors import Busy

T = TypeVar("T")

# Who does not get a lock steps back, and tries this often in all.
ATTEMPTS = 6
STEP_BACK_SECONDS = 0.5
# Where a step keeps everyone from posting, they then have so many times as long for themselves.
RESTS = 19
# Whoever wrote is taken to write on for so long.
SESSIONS_SECONDS = 2.0
# PostgreSQL's lock_not_available, query_canceled and deadlock_detected.
_TRY_AGAIN = {"55P03", "57014", "40P01"}


class _Sessions:
    """Others who write to the same SQLite, where all writing has one lock."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._seen_at = -SESSIONS_SECONDS

    def is_there(self) -> bool:
        """Whether one of them has written since the last look, or shortly before it."""
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
        return now - self._seen_at < SESSIONS_SECONDS


_company = _Sessions()


def gently(work: Callable[[], T]) -> T:
    """Do this in a transaction of its own, then rest as long as it took.

    So the room has the database for itself half the time, and whoever waits for a lock that this
    step held gets it before the next one begins. On SQLite each step keeps everyone from writing:
    there the others have RESTS times as long, if there are any.
    """
    began = time.monotonic()
    done = patiently(partial(_in_a_transaction, work))
    rest(began, times=RESTS if _company.is_there() else 1)
    return done


@contextmanager
def resting() -> Iterator[None]:
    """Do what is inside, then rest as long as it took."""
    began = time.monotonic()
    yield
    rest(began)


def rest(began: float, times: float = 1) -> None:
    """Rest so many times as long as has passed since (time.monotonic)."""
    time.sleep(times * (time.monotonic() - began))


def patiently(work: Callable[[], T]) -> T:
    """Do what is a transaction of its own; again, after a pause, if a lock was not to be had."""
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except (OperationalError, Busy) as error:
            if not _is_busy(error):
                raise
            time.sleep(STEP_BACK_SECONDS * attempt)
    return work()


def _in_a_transaction(work: Callable[[], T]) -> T:
    with transaction.atomic():
        return work()


def _is_busy(error: Exception) -> bool:
    if isinstance(error, Busy):
        return True
    return getattr(error.__cause__, "sqlstate", None) in _TRY_AGAIN or "locked" in str(error)
