"""Where the asynchronous half meets the synchronous one: services run here, and nowhere else.

Not `database_sync_to_async`: that puts all consumers of a process on one thread and reconnects on
every call. These threads are ours, few, and keep their connections.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from ..errors import ChatError, Unavailable
from ..services.connections import hang_up

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

READERS = 4
# One commit at a time in each room; this many rooms commit at once. SQLite has one writer.
WRITERS = 4


class Threads:
    """The readers and the writers of one process."""

    def __init__(self) -> None:
        one_writer = connection.vendor == "sqlite"
        self._readers = ThreadPoolExecutor(READERS, "chat-reader")
        self._writers = ThreadPoolExecutor(
            1 if one_writer else WRITERS,
            "chat-writer",
            initializer=_take_over_checkpoints if one_writer else None,
        )

    async def read(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading service; once more if its connection had died. Unavailable after that."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: _read(service, *args, **kwargs))

    async def write(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing service, which knows itself whether it may be run again."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, lambda: _write(service, *args, **kwargs))

    def start(self, done: Callable[[T | Exception], None], service: Callable[[], T]) -> None:
        """Run a writing service; `done` is called on the loop with what it returned or raised.

        A future and a task for each message would cost the loop three more turns.
        """
        loop = asyncio.get_running_loop()

        def work() -> None:
            outcome: T | Exception
            try:
                outcome = _write(service)
            except Exception as error:
                outcome = error
            loop.call_soon_threadsafe(done, outcome)

        self._writers.submit(work)

    def close(self) -> None:
        """Finish what runs and give the connections back."""
        for pool in (self._readers, self._writers):
            # A connection belongs to its thread: the barrier makes each of them close its own.
            together = threading.Barrier(len(pool._threads) or 1)
            for _ in pool._threads:
                pool.submit(_close_connections, together)
            pool.shutdown(wait=True)


def _read(service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        try:
            return service(*args, **kwargs)
        except (OperationalError, InterfaceError):
            hang_up()
            return service(*args, **kwargs)
    except ChatError:
        raise
    except DatabaseError as error:
        connection.close_if_unusable_or_obsolete()
        logger.warning("Not read: %s", error)
        raise Unavailable("The database gives no answer; try again.", retry_ms=2000) from error


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
    # Everyone else leaves SQLite's write-ahead log alone (settings.py); the writer tidies it up,
    # on each connection that it opens.
    if getattr(_checkpoints, "are_ours", False):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint=1000")
