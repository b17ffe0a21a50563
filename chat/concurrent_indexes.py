"""Indexes that were not finished: PostgreSQL keeps them up to date and reads none of them.

`CREATE INDEX CONCURRENTLY` leaves one behind when it is interrupted, and `IF NOT EXISTS` takes it
for the whole one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Ours only; what another program keeps in the same database is its own affair.
_INVALID = """
SELECT index.relname FROM pg_index
JOIN pg_class index ON index.oid = indexrelid
JOIN pg_class held ON held.oid = indrelid
WHERE NOT indisvalid AND held.relname = ANY(%s) AND pg_table_is_visible(held.oid)
ORDER BY 1
"""


def invalid() -> list[str]:
    """The names of the indexes of our tables that serve no query."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_INVALID, [connection.introspection.table_names(cursor)])
        return [name for (name,) in cursor.fetchall()]


def rebuild(name: str) -> None:
    """Make it whole beside live traffic, or drop what is left of an earlier try to."""
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor, _waiting(cursor.execute):
        if "_ccnew" in name or "_ccold" in name:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
        else:
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {quoted}")


def create_concurrently(schema_editor: Any, name: str, definition: str) -> None:
    """For a migration that is not atomic: the index, whole, whatever an earlier try left behind."""
    with _waiting(schema_editor.execute):
        if name in invalid():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition}")


@contextmanager
def _waiting(execute: Callable[[str], Any]) -> Iterator[None]:
    """It waits for transactions that began before it, and nobody waits for it."""
    execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        execute("RESET lock_timeout")
