import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import DatabaseError, OperationalError, connections

from chat import concurrent_indexes

# A migration may take hours. But it waits for a lock only shortly, because all later queries on the
# table would wait behind it.
LIMITS = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=2s"
LOCK_NOT_AVAILABLE = "55P03"
# It tries so often to get a lock, with growing pauses: for five minutes in all.
ATTEMPTS = 20
PAUSE_SECONDS = 1.5


class Command(DjangoCommand):
    """Django's command without the time limits of the server, with retries for locks."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with _without_limits(connection):
            self._handle_or_retry(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                self._finish_indexes()

    def _handle_or_retry(self, *args: Any, **options: Any) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                self.stderr.write(f"A table is in use; trying again ({attempt} of {ATTEMPTS})")
                time.sleep(min(attempt * PAUSE_SECONDS, 20))
        raise CommandError(
            "Someone holds a table all the time (see pg_stat_activity). What was migrated stays;"
            " run this again."
        )

    def _finish_indexes(self) -> None:
        """Rebuild indexes that an interrupted run left invalid."""
        for name in concurrent_indexes.invalid():
            try:
                concurrent_indexes.rebuild(name)
                self.stdout.write(f"The index {name} was unfinished; it is whole now.")
            except DatabaseError as error:
                raise CommandError(f"The index {name} is unfinished: {error}") from error


@contextmanager
def _without_limits(connection: Any) -> Iterator[None]:
    options = connection.settings_dict["OPTIONS"]
    usual = options.get("options", "")
    try:
        # Of an option that is given twice, the last one counts.
        _reopen(connection, options | {"options": f"{usual} {LIMITS}"})
        yield
    finally:
        _reopen(connection, options)


def _reopen(connection: Any, options: dict[str, Any]) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["OPTIONS"] = options
