"""A connection to PostgreSQL whose socket the event loop watches all the time.

psycopg's own asynchronous execution watches the socket anew for each statement, and takes longer
for that than for all else (docs/adr/0027). So this speaks to libpq directly.
"""

import asyncio
import os
from collections.abc import Sequence

import psycopg
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from ..database_connections import Rows, Statement


class WatchedConnection:
    """Runs prepared statements, one at a time."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        # Held: psycopg warns of a connection that nobody holds and nobody has closed.
        self._connection = connection
        self._libpq = connection.pgconn
        self._rows = Transformer(connection)
        self._loop = asyncio.get_running_loop()
        # A copy: libpq closes its own when the connection is lost, and another may get the number
        # while the loop still watches it.
        self._watched = os.dup(self._libpq.socket)
        self._loop.add_reader(self._watched, self._readable)
        # Of the statement under way.
        self._answer: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None

    async def run(self, statement: Statement, parameters: Sequence[str]) -> Rows:
        """Its rows. After a psycopg.Error or a cancellation the connection may not be usable."""
        self._answer, self._result = self._loop.create_future(), None
        self._libpq.send_query_prepared(statement.id, [text.encode() for text in parameters])
        self._flush()
        result = await self._answer
        if result.status != ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result)
        self._rows.set_pgresult(result)
        return self._rows.load_rows(0, result.ntuples, tuple)

    def lose(self, error: psycopg.Error) -> None:
        """Listen no more: the statement under way fails, and so does every later one."""
        self._loop.remove_reader(self._watched)
        self._loop.remove_writer(self._watched)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def close(self) -> None:
        self._loop.remove_reader(self._watched)
        self._loop.remove_writer(self._watched)
        os.close(self._watched)
        self._libpq.finish()

    def _flush(self) -> None:
        if self._libpq.flush():
            self._loop.add_writer(self._watched, self._writable)

    def _writable(self) -> None:
        self._loop.remove_writer(self._watched)
        try:
            self._flush()
        except psycopg.Error as error:
            self.lose(error)

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
            self.lose(error)
            return
        if libpq.status != ConnStatus.OK:
            self.lose(psycopg.OperationalError(libpq.get_error_message()))
        elif self._result is not None and self._answer is not None and not self._answer.done():
            self._answer.set_result(self._result)
