"""The base of commands that use the database: problems with it are reported in one line."""

import logging
from typing import Any, Literal

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError

from chat.maintenance import schema
from chat.outages import described, is_outage


class DatabaseCommand(BaseCommand):
    """A command that is refused if the database lacks what it needs; it creates no SQLite file."""

    # `tables`: those of any version. `migrations`: all migrations of this version.
    needs: Literal["nothing", "tables", "migrations"] = "migrations"

    def execute(self, *args: Any, **options: Any) -> str | None:
        # The pool would report a failure every half second, with the address. One line is enough.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        try:
            if self.needs != "nothing" and (missing := schema.missing_tables()):
                raise CommandError(missing)
            if self.needs == "migrations" and (missing := schema.missing_migrations()):
                raise CommandError(missing)
            return super().execute(*args, **options)
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            raise CommandError(f"{described(error)} ({str(error).splitlines()[0]}).") from error
