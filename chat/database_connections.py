"""Database connections: what died, and what sees one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def drop_connection() -> None:
    """Drop this thread's connection, and the idle ones of the pool, which died with it.

    The pool tries each of them when it hands it out, and waits a second after one that is dead.
    """
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.drain()


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads inside see one moment of the database, and nobody waits for them.

    Inside another transaction it is that one's moment.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Django's own transactions begin IMMEDIATE (settings.py), and would hold the writer up.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
