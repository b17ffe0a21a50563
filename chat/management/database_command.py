"""A command that works on the database: it says in one line what is wrong with that."""

import logging
from typing import Any, Literal

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError

from chat.maintenance import schema
from chat.outages import described, is_outage


class DatabaseCommand(BaseCommand):
    """Refused before it begins where the database lacks what it needs; no file is made."""

    # `tables`: those of a chatroom, of any version. `migrations`: all of this version.
    needs: Literal["nothing", "tables", "migrations"] = "migrations"

    def execute(self, *args: Any, **options: Any) -> str | None:
        # We say it; it would say so every half second, with the address.
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
