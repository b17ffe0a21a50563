"""Invalid indexes: an interrupted `CREATE INDEX CONCURRENTLY` leaves one behind.

PostgreSQL updates an invalid index but never uses it, and `IF NOT EXISTS` takes it for a valid one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Indexes of our tables only: other programs may use the same database.
_INVALID = """
SELECT index.relname FROM pg_index
JOIN pg_class index ON index.oid = indexrelid
JOIN pg_class held ON held.oid = indrelid
WHERE NOT indisvalid AND held.relname = ANY(%s) AND pg_table_is_visible(held.oid)
ORDER BY 1
"""


def invalid() -> list[str]:
    """The names of the invalid indexes of our tables."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_INVALID, [connection.introspection.table_names(cursor)])
        return [name for (name,) in cursor.fetchall()]


def rebuild(name: str) -> None:
    """Rebuild the index while the chatroom runs; drop it if it is left from an earlier rebuild."""
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor, _without_lock_timeout(cursor.execute):
        if "_ccnew" in name or "_ccold" in name:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
        else:
            cursor.execute(f"REINDEX INDEX CONCURRENTLY {quoted}")


def create_concurrently(schema_editor: Any, name: str, definition: str) -> None:
    """Create a valid index, also after an interrupted try. For migrations with `atomic = False`."""
    with _without_lock_timeout(schema_editor.execute):
        if name in invalid():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition}")


@contextmanager
def _without_lock_timeout(execute: Callable[[str], Any]) -> Iterator[None]:
    """Building waits for older transactions, perhaps for long, and blocks nobody meanwhile."""
    execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        execute("RESET lock_timeout")
