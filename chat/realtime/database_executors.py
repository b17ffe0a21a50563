"""The threads in which the event loop has the database read and written.

Not `database_sync_to_async`: that puts all consumers of a process on one thread and reconnects on
every call. These threads are few, and keep their connections.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from ..database_connections import drop_connection
from ..errors import ChatError, Unavailable
from ..metrics import DATABASE_FAILURES, DATABASE_SECONDS, THREAD_WAIT_SECONDS, timed
from ..outages import explained

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

READERS = 4
# One commit at a time in each room; this many rooms commit at once. SQLite has one writer.
WRITERS = 4


class DatabaseExecutors:
    """The readers and the writers of one process."""

    def __init__(self) -> None:
        one_writer = connection.vendor == "sqlite"
        self._pools = {
            "readers": ThreadPoolExecutor(READERS, "chat-reader"),
            "writers": ThreadPoolExecutor(
                1 if one_writer else WRITERS,
                "chat-writer",
                initializer=_take_over_checkpoints if one_writer else None,
            ),
        }

    async def read(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading service; once more if its connection had died. Unavailable after that."""
        work = self._measured("readers", service.__name__, partial(_read, service, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pools["readers"], work)

    async def write(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing service, which knows itself whether it may be run again."""
        work = self._measured(
            "writers", service.__name__, partial(_write, service, *args, **kwargs)
        )
        return await asyncio.get_running_loop().run_in_executor(self._pools["writers"], work)

    def _measured(self, pool: str, service: str, work: Callable[[], T]) -> Callable[[], T]:
        asked_at = perf_counter()

        def measured() -> T:
            THREAD_WAIT_SECONDS.labels(pool).observe(perf_counter() - asked_at)
            with timed(DATABASE_SECONDS.labels(service.removeprefix("_"))):
                return work()

        return measured

    def waiting(self) -> dict[str, int]:
        """How much work waits for a thread, by pool."""
        return {name: pool._work_queue.qsize() for name, pool in self._pools.items()}

    def close(self) -> None:
        """Finish what runs and give the connections back."""
        for pool in self._pools.values():
            # A connection belongs to its thread: the barrier makes each of them close its own.
            # Counted before: while one is busy, the pool may begin another.
            count = len(pool._threads)
            together = threading.Barrier(count or 1)
            for _ in range(count):
                pool.submit(_close_connections, together)
            pool.shutdown(wait=True)


def _read(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        try:
            return service(*args, **kwargs)
        except (OperationalError, InterfaceError):
            drop_connection()
            return service(*args, **kwargs)
    except ChatError:
        raise
    except (DatabaseError, InterfaceError) as error:
        connection.close_if_unusable_or_obsolete()
        DATABASE_FAILURES.inc()
        logger.warning("Not read: %s", str(error).partition("\n")[0])
        raise Unavailable(explained(error), retry_ms=2000) from error


def _write(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return service(*args, **kwargs)
    finally:
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()


def _close_connections(together: threading.Barrier) -> None:
    together.wait(timeout=5)
    connections.close_all()


_checkpoints = threading.local()


def _take_over_checkpoints() -> None:
    _checkpoints.are_ours = True


@receiver(connection_created)
def _tidy_up_the_log(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    # Other connections leave SQLite's write-ahead log alone (settings.py); the writer checkpoints
    # it, on each connection that it opens.
    if getattr(_checkpoints, "are_ours", False):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint=1000")
