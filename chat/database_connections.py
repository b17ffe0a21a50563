"""Database connections: dropping dead ones, reading a snapshot, statements without the ORM."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection, transaction

Rows = list[tuple[Any, ...]]


class Statement(NamedTuple):
    """A statement of PostgreSQL with the parameters $1, $2 …, and the name it is measured under."""

    name: str
    text: bytes

    @property
    def id(self) -> bytes:
        """The name under which it is prepared."""
        return self.name.encode()


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
