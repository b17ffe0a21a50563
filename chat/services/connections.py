"""Database connections that died."""

from django.db import connection


def hang_up() -> None:
    """Drop this thread's connection, and the idle ones of the pool, which died with it.

    The pool tries each of them when it hands it out, and waits a second after one that is dead.
    """
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.drain()
