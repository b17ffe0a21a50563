"""The event loop's own connection to PostgreSQL, for statements that take less than a thread would.

A thread would be woken for each message of a quiet room, and take longer than the statement
(docs/adr/0012). A caller needs another way as well: this connection may be busy, lost, or absent
(on SQLite), and what came of a statement that got no answer is not known.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from time import perf_counter

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from ..messages import prepared_statements
from ..messages.prepared_statements import Statement
from ..metrics import DATABASE_SECONDS
from .database_executors import DatabaseExecutors

logger = logging.getLogger(__name__)

# So long after a lost or refused connection the next one is tried.
RECONNECT_SECONDS = 1.0
# No statement may take so long (settings.py): one that still runs got lost.
ANSWER_MAX_SECONDS = 20.0
# After an error of a constraint or a timeout the connection can be used on. After any other error a
# new one may do better: for example, the server has become a replica.
_HARMLESS = (
    psycopg.errors.IntegrityError,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
)

StatementResult = PGresult | psycopg.Error
OnResult = Callable[[StatementResult], None]


class LoopConnection:
    """One connection to the database, which the event loop reads: one statement at a time."""

    def __init__(self, executors: DatabaseExecutors, statements: Iterable[Statement]) -> None:
        self._executors = executors
        self._statements = statements
        self._connection: psycopg.Connection | None = None
        self._libpq: PGconn
        self._watched: int
        self._closed = False
        # Of the statement under way: the callback, its name, since when, what came so far.
        self._done: OnResult | None = None
        self._name = ""
        self._began_at = 0.0
        self._result: PGresult | None = None

    # --- The connection -----------------------------------------------------------------------

    def open(self) -> None:
        """Connect, in a thread; until that is done, and whenever it fails, nothing is free."""
        if prepared_statements.are_possible() and not self._closed:
            self._executors.start(
                self._opened, partial(prepared_statements.connect, self._statements)
            )

    def close(self) -> None:
        """Close it; a caller that waits for an answer gets an error."""
        self._closed = True
        self._close_socket()
        self._tell(psycopg.OperationalError("The connection was closed."))

    def _opened(self, connection: psycopg.Connection | Exception) -> None:
        if isinstance(connection, Exception):
            self._open_later()
        elif self._closed:
            connection.close()
        else:
            self._connection, self._libpq = connection, connection.pgconn
            self._libpq.nonblocking = 1
            # A copy: libpq closes its own when the connection is lost, and another may get the
            # number while the loop still watches it.
            self._watched = os.dup(self._libpq.socket)
            asyncio.get_running_loop().add_reader(self._watched, self._readable)

    def _open_later(self) -> None:
        if not self._closed:
            asyncio.get_running_loop().call_later(RECONNECT_SECONDS, self.open)

    def _close_socket(self) -> None:
        if self._connection is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._watched)
            loop.remove_writer(self._watched)
            os.close(self._watched)
            self._connection.close()
            self._connection = None

    # --- A statement --------------------------------------------------------------------------

    @property
    def is_free(self) -> bool:
        return self._connection is not None and self._done is None

    def start(self, statement: Statement, parameters: Sequence[bytes], done: OnResult) -> None:
        """Run it, where `is_free`; `done` is called once with its rows or the error."""
        self._done, self._name, self._began_at = done, statement.name, perf_counter()
        try:
            self._libpq.send_query_prepared(statement.id, parameters)
            self._flush()
        except psycopg.Error as error:
            self._lost(error)

    async def ask(self, statement: Statement, parameters: Sequence[bytes] = ()) -> StatementResult:
        """Run it, where `is_free`, and wait for its rows or the error."""
        answer: asyncio.Future[StatementResult] = asyncio.get_running_loop().create_future()
        self.start(statement, parameters, partial(_answer, answer))
        return await answer

    def watch(self) -> None:
        """Called every second: a statement without an answer must not hold its caller for ever."""
        if self._done is not None and perf_counter() - self._began_at > ANSWER_MAX_SECONDS:
            self._lost(psycopg.OperationalError("no answer"))

    def _flush(self) -> None:
        if self._libpq.flush():
            asyncio.get_running_loop().add_writer(self._watched, self._writable)

    def _writable(self) -> None:
        asyncio.get_running_loop().remove_writer(self._watched)
        try:
            self._flush()
        except psycopg.Error as error:
            self._lost(error)

    def _readable(self) -> None:
        libpq = self._libpq
        try:
            # uvloop calls once for a socket with an error (a reset), and never again: the second
            # look finds the error that stood behind what the first one took.
            libpq.consume_input()
            libpq.consume_input()
            while not libpq.is_busy():
                result = libpq.get_result()
                if result is None:
                    break
                self._result = result
            else:
                return
        except psycopg.Error as error:
            self._lost(error)
            return
        if libpq.status != ConnStatus.OK:
            self._lost(psycopg.OperationalError(libpq.get_error_message()))
        elif self._result is not None:
            self._finish(self._result)

    def _finish(self, result: PGresult) -> None:
        if result.status == ExecStatus.TUPLES_OK:
            DATABASE_SECONDS.labels(self._name).observe(perf_counter() - self._began_at)
            self._tell(result)
            return
        error = psycopg.errors.error_from_result(result)
        if isinstance(error, _HARMLESS):
            self._tell(error)
        else:
            self._lost(error)

    def _lost(self, error: psycopg.Error) -> None:
        logger.debug("The loop connection is given up: %s", error)
        self._close_socket()
        self._open_later()
        self._tell(error)

    def _tell(self, answer: StatementResult) -> None:
        done, self._done, self._result = self._done, None, None
        if done is not None:
            done(answer)


def _answer(future: asyncio.Future[StatementResult], answer: StatementResult) -> None:
    if not future.done():
        future.set_result(answer)
