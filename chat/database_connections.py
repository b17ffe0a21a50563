"""Database connections: dropping dead ones, and reading a snapshot."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def drop_connection() -> None:
    """Drop this thread's connection and the idle ones of the pool, which probably died with it.

    Otherwise the pool would check each of them when it is used, and wait a second after a dead one.
    """
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.drain()


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads in the block see the same moment of the database, and block nobody.

    Inside a transaction they see that transaction's moment.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Django's transactions begin IMMEDIATE (settings.py), which would block the writer.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
