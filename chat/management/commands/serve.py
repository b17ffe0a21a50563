import fcntl
from argparse import SUPPRESS
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from chat.maintenance import schema


class Command(BaseCommand):
    help = "Serve the chatroom: Daphne with back-pressure and an orderly shutdown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="Processes behind this port.")
        # For workers: the socket that all of them listen on.
        parser.add_argument("--fd", type=int, help=SUPPRESS)

    def handle(self, *, host: str, port: int, workers: int, fd: int | None, **options: Any) -> None:
        # Missing tables are waited for (/readyz). A missing SQLite file would be created by SQLite.
        if missing := schema.missing_file():
            raise CommandError(missing)
        if not settings.REDIS_URL:
            self._require_only_node(workers)
        connection.close()
        # Imported late: with it comes Daphne's event loop.
        from chatroom.server import daphne_server
        from chatroom.server.workers import Supervisor

        if fd is not None:
            daphne_server.serve_socket(fd)
            return
        host = host.strip("[] ")
        supervisor = None
        if workers > 1:
            try:
                supervisor = Supervisor(host, port, workers)
            except (OSError, OverflowError) as error:
                raise CommandError(f"Cannot listen on {host}, port {port}: {error}.") from error
        self.stdout.write(f"Chatroom is at {_address(host, port)} (stop with Ctrl+C)")
        if supervisor is None:
            daphne_server.serve(host, port)
        else:
            supervisor.run()

    def _require_only_node(self, workers: int) -> None:
        """CommandError unless no other process serves this database: without Redis, nodes get no
        hints of each other's messages.
        """
        if workers > 1:
            raise CommandError("Several workers need Redis between them: set REDIS_URL.")
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


def _address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    if host in ("127.0.0.1", "0.0.0.0", "::", ""):  # noqa: S104
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
