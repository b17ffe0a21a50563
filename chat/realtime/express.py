"""The express way into the log: plain posts, committed by the event loop itself on PostgreSQL.

A thread would be woken for each message of a quiet room, and take longer than the statement
(docs/adr/0012). Whatever is not plain, or fails, goes the way of all others, through `log.commit`
in a thread: the keys of the posts make a second try safe, whatever came of the first.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from ..models import Room
from ..services import at_once, log
from ..tally import DATABASE_SECONDS
from .threads import Threads

logger = logging.getLogger(__name__)

# So long after a lost or refused connection the next one is tried.
RECONNECT_SECONDS = 1.0
# No statement may take so long (settings.py): whatever is under way still has been forgotten.
FORGOTTEN_SECONDS = 20.0

Result = list[log.Outcome] | at_once.Posted | Exception
Done = Callable[[Result], None]


class Express:
    """One connection to the database, which the event loop reads: one statement at a time."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._connection: psycopg.Connection | None = None
        self._libpq: PGconn
        self._watched: int
        self._closed = False
        # The statement under way: what it stores and where, who is told, since when.
        self._attempt: at_once.PostAtOnce | None = None
        self._room: Room
        self._intents: Sequence[log.Intent]
        self._done: Done
        self._began_at = 0.0
        self._result: PGresult | None = None

    # --- The connection -----------------------------------------------------------------------

    def open(self) -> None:
        """Connect, in a thread; until that is done, and whenever it fails, `start` says no."""
        if at_once.is_possible() and not self._closed:
            self._threads.start(self._opened, partial(at_once.connect))

    def close(self) -> None:
        """Hang up; nothing may be under way."""
        self._closed = True
        self._hang_up()

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

    def _hang_up(self) -> None:
        if self._connection is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._watched)
            loop.remove_writer(self._watched)
            os.close(self._watched)
            self._connection.close()
            self._connection = None

    # --- A statement --------------------------------------------------------------------------

    def start(self, room: Room, intents: Sequence[log.Intent], done: Done) -> bool:
        """Commit these and call `done` with what came of it. False: they cannot go this way now."""
        if self._connection is None or self._attempt is not None:
            return False
        posts = log.fit_for_the_loop(intents)
        if posts is None:
            return False
        self._attempt = at_once.PostAtOnce(room, posts)
        self._room, self._intents, self._done = room, intents, done
        self._began_at = perf_counter()
        try:
            self._libpq.send_query_prepared(at_once.NAME, self._attempt.parameters)
            self._flush()
        except psycopg.Error as error:
            self._lost(error)
        return True

    def watch(self) -> None:
        """Called every second: a statement that gets no answer must not hold its room for ever."""
        if self._attempt is not None and perf_counter() - self._began_at > FORGOTTEN_SECONDS:
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
        elif self._attempt is not None and self._result is not None:
            self._finish(self._attempt, self._result)

    def _finish(self, attempt: at_once.PostAtOnce, result: PGresult) -> None:
        self._attempt = self._result = None
        if result.status == ExecStatus.TUPLES_OK:
            DATABASE_SECONDS.labels("commit").observe(perf_counter() - self._began_at)
            self._done(attempt.posted(result))
            return
        state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
        if log.is_lock_timeout(state):
            self._done([log.busy()] * len(self._intents))
        else:
            # A repeat, or what a constraint refuses, leaves the connection sound. `log.commit`
            # tells what it was.
            if not state.startswith("23"):
                self._replace(psycopg.errors.error_from_result(result))
            self._go_by_thread()

    def _lost(self, error: psycopg.Error) -> None:
        self._replace(error)
        if self._attempt is not None:
            self._attempt = self._result = None
            self._go_by_thread()

    def _replace(self, error: psycopg.Error) -> None:
        logger.debug("The express connection is given up: %s", error)
        self._hang_up()
        self._open_later()

    def _go_by_thread(self) -> None:
        self._threads.start(self._done, partial(log.commit, self._room, self._intents))
