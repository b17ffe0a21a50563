import fcntl
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = "Serve the chatroom: Daphne with back-pressure and an orderly end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        if not settings.REDIS_URL:
            self._be_the_only_node()
        # Imported late: the event loop is made when this is.
        from chatroom import server

        connection.close()
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104
        self.stdout.write(f"Chatroom is at http://{shown}:{port} (stop with Ctrl+C)")
        server.serve(host, port)

    def _be_the_only_node(self) -> None:
        """Without Redis two processes on one database would each see half of the talk, late."""
        if connection.vendor != "sqlite":
            return
        path = Path(f"{connection.settings_dict['NAME']}.lock")
        self._lock = path.open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Another node serves this database already ({path}). "
                "Stop it, or set REDIS_URL and DATABASE_URL to run several nodes."
            ) from None
