"""Prepared statements of PostgreSQL, run directly through libpq.

Django's cursor cannot prepare statements. psycopg's can, but takes as much Python time as all
other work that a quiet node does for a message.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

# A host that does not answer must not block a thread for longer.
CONNECT_SECONDS = 5

# By connection of a thread: the names of the statements prepared on it.
_prepared: WeakKeyDictionary[psycopg.Connection, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, and the name under which it is prepared and measured."""

    name: str
    text: bytes

    @property
    def id(self) -> bytes:
        return self.name.encode()


def are_possible() -> bool:
    """Whether this thread's connection can run one as a transaction of its own."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


def execute(statement: Statement, parameters: Sequence[bytes]) -> PGresult:
    """Run it on this thread's connection. Raises the same errors as Django's cursor."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return _execute(connection.connection, statement, parameters)


def connect(statements: Iterable[Statement]) -> psycopg.Connection:
    """A new connection with Django's settings, on which these statements are prepared.

    psycopg.OperationalError if the database does not answer.
    """
    params = connection.get_connection_params() | {"connect_timeout": CONNECT_SECONDS}
    own = psycopg.connect(**params, autocommit=True)
    try:
        for statement in statements:
            _check(own, own.pgconn.prepare(statement.id, statement.text))
    except BaseException:
        own.close()
        raise
    return own


def _execute(
    connection: psycopg.Connection, statement: Statement, parameters: Sequence[bytes]
) -> PGresult:
    libpq = connection.pgconn
    names = _prepared.setdefault(connection, set())
    if statement.name not in names:
        _check(connection, libpq.prepare(statement.id, statement.text))
        names.add(statement.name)
    return _check(connection, libpq.exec_prepared(statement.id, parameters))


def _check(connection: psycopg.Connection, result: PGresult) -> PGresult:
    if connection.pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(connection.pgconn.get_error_message())
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    return result
