"""Threads that keep their connection to the database from one request to the next.

Django opens one for each request: on SQLite with the pragmas of settings.py, which wait for the
writer; on PostgreSQL from a pool, which asks the database first whether the connection works.
"""

import select
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from chat.database_connections import drop_connection

_thread = threading.local()


def keeping_executor(threads: int, name: str) -> ThreadPoolExecutor:
    """Threads with a connection of their own each, made when it is first needed."""
    return ThreadPoolExecutor(threads, name, initializer=_keep)


def drop_if_dead() -> None:
    """Call it before a request: a connection that the database has closed is not used again."""
    if connection.connection is not None and _has_unasked_news() and not connection.is_usable():
        drop_connection()


def is_kept() -> bool:
    """Whether this thread keeps its connection."""
    return getattr(_thread, "keeps", False)


def _keep() -> None:
    _thread.keeps = True


@receiver(connection_created)
def _without_an_end(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    if is_kept():
        connection.close_at = None
        # `drop_if_dead` needs no round trip for that.
        connection.health_check_enabled = False  # type: ignore[attr-defined]


def _has_unasked_news() -> bool:
    """Whether something came over this connection, on which nobody waits for an answer."""
    if connection.vendor != "postgresql":
        return False
    poll = select.poll()
    poll.register(connection.connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
