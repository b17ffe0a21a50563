"""The event loop's own connections to PostgreSQL, for statements that take less than a thread.

A thread would be woken for each message of a quiet room, and take longer than the statement
(docs/adr/0027). A caller needs another way as well: none of these connections may be free, all may
be lost, and on SQLite there are none. After an error it is not known what came of the statement.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from time import perf_counter

import psycopg
from django.db import connection as django_connection

from ..database_connections import Rows, Statement
from ..metrics import DATABASE_SECONDS
from ..scheduler import Scheduler
from .watched_connection import WatchedConnection

logger = logging.getLogger(__name__)

COUNT = 3
# So long a statement waits for a free connection.
WAIT_SECONDS = 0.1
# So long after a lost or refused connection the next one is tried; and so long one may take.
RECONNECT_SECONDS = 1.0
CONNECT_SECONDS = 5
# No statement may take so long (settings.py): one that still runs got lost.
ANSWER_MAX_SECONDS = 20.0
# After an error of the data, a constraint or a timeout the connection can be used on. After any
# other error a new one may do better: for example, the server has become a replica.
_HARMLESS = (
    psycopg.DataError,
    psycopg.errors.IntegrityError,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
)


class LoopConnections:
    """A few connections; each runs one statement at a time, and others wait until one is free."""

    def __init__(self, scheduler: Scheduler, statements: Sequence[Statement]) -> None:
        self._scheduler = scheduler
        self._statements = statements
        # The one that was used last comes first.
        self._free: asyncio.LifoQueue[WatchedConnection] = asyncio.LifoQueue()
        # Those with a statement under way, and since when.
        self._busy: dict[WatchedConnection, float] = {}
        self._closed = False

    def open(self) -> None:
        """Connect in the background, if this is PostgreSQL."""
        if django_connection.vendor == "postgresql":
            for _ in range(COUNT):
                self._scheduler.run(self._connect())

    async def close(self) -> None:
        """Close them all; a caller that waits for an answer gets an error."""
        self._closed = True
        for busy in self._busy:
            busy.lose(psycopg.OperationalError("The connection was closed."))
        for _ in range(len(self._busy) + self._free.qsize()):
            (await self._free.get()).close()

    @property
    def are_open(self) -> bool:
        return not self._closed and bool(self._busy or self._free.qsize())

    async def run(self, statement: Statement, parameters: Sequence[str] = ()) -> Rows:
        """The rows of this statement, which is a transaction of its own. Raises psycopg.Error."""
        connection = await self._take()
        began_at = self._busy[connection] = perf_counter()
        is_sound = False
        try:
            rows = await connection.run(statement, parameters)
            is_sound = True
        except _HARMLESS:
            is_sound = True
            raise
        finally:
            del self._busy[connection]
            if is_sound or self._closed:
                self._free.put_nowait(connection)
            else:
                connection.close()
                self._scheduler.run(self._connect(RECONNECT_SECONDS))
        DATABASE_SECONDS.labels(statement.name).observe(perf_counter() - began_at)
        return rows

    def watch(self) -> None:
        """Called every second: a statement without an answer must not hold its caller for ever."""
        for busy, since in self._busy.items():
            if perf_counter() - since > ANSWER_MAX_SECONDS:
                busy.lose(psycopg.OperationalError("no answer"))

    async def _take(self) -> WatchedConnection:
        with contextlib.suppress(TimeoutError):
            if self.are_open:
                if not self._free.empty():
                    return self._free.get_nowait()
                async with asyncio.timeout(WAIT_SECONDS):
                    return await self._free.get()
        raise psycopg.OperationalError("No connection of the event loop is free.")

    async def _connect(self, pause: float = 0) -> None:
        """Add a connection, however often it has to be tried."""
        await asyncio.sleep(pause)
        while not self._closed:
            try:
                connection = await self._new_connection()
            except psycopg.Error as error:
                logger.debug("No connection for the event loop: %s", error)
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                self._add(connection)
                return

    def _add(self, connection: WatchedConnection) -> None:
        if self._closed:
            connection.close()
        else:
            self._free.put_nowait(connection)

    async def _new_connection(self) -> WatchedConnection:
        """With Django's settings, and with the statements prepared."""
        settings = django_connection.get_connection_params() | {
            "connect_timeout": CONNECT_SECONDS,
            "context": None,
            "cursor_factory": psycopg.AsyncRawCursor,
        }
        connection = await psycopg.AsyncConnection.connect(**settings, autocommit=True)
        try:
            for statement in self._statements:
                await connection.execute(b"PREPARE %b AS %b" % (statement.id, statement.text))
        except BaseException:
            await connection.close()
            raise
        return WatchedConnection(connection)
