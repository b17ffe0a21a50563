import secrets
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from chat.accounts import guests, sessions
from chat.maintenance import schema
from chat.management.database_command import DatabaseCommand

PREFIX = "load"
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class Command(DatabaseCommand):
    # Only where it makes the guests itself.
    needs = "nothing"
    help = (
        "Put a chatroom under load and count what comes back. The messages stay in the room."
        " Set RATE_LIMITS=off on the server."
        " Exit code 1: something was lost, doubled or out of order."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--url", help="ws://…/ws/; without it the first of SITE_ORIGINS, on this machine."
        )
        parser.add_argument("--origin", help="The Origin header; without it, as the URL says.")
        parser.add_argument("--room", default="lobby", help="The key of the room.")
        parser.add_argument("--sockets", type=int, default=100, metavar="N")
        parser.add_argument("--senders", type=int, default=10, metavar="M", help="That many talk.")
        load = parser.add_mutually_exclusive_group()
        load.add_argument(
            "--rate", type=float, default=10.0, help="Messages/s in all, whatever the server does."
        )
        load.add_argument(
            "--window", type=int, default=0, help="Instead: so many unanswered for each sender."
        )
        parser.add_argument("--seconds", type=float, default=10.0)
        parser.add_argument("--ramp", type=float, default=2.0, help="Open over so many seconds.")
        parser.add_argument("--processes", type=int, default=1, help="Of the generator.")
        parser.add_argument(
            "--cookies", type=Path, metavar="FILE", help="A Cookie header's value a line."
        )
        parser.add_argument("--report", type=Path, metavar="FILE.html")

    def handle(self, **options: Any) -> None:
        try:
            from rich.console import Console

            from lab.loadtest import coordinator, report
            from lab.loadtest.plan import LoadPlan
        except ModuleNotFoundError as error:
            raise CommandError(
                f"The load test needs {error.name}, which is not installed. Install it with:"
                f" {shlex.quote(sys.executable)} -m pip install -r requirements/loadtest.txt"
            ) from None

        check_numbers(options)
        url = options["url"] or own_url()
        plan = LoadPlan(
            url=url,
            origin=options["origin"] or origin_of(url),
            room=options["room"],
            cookies=cookies(options["cookies"], options["sockets"]),
            sockets=options["sockets"],
            senders=min(options["senders"], options["sockets"]),
            rate=options["rate"],
            window=options["window"],
            seconds=options["seconds"],
            ramp=options["ramp"],
            processes=min(options["processes"], options["sockets"]),
            name=f"{PREFIX}{secrets.token_hex(4)}",
        )
        console = Console(highlight=False)
        taken_at = datetime.now(UTC)
        try:
            with report.progress_bar(console) as show:
                figures = coordinator.run(plan, show)
        except coordinator.GeneratorError as error:
            raise CommandError(str(error)) from None
        command = shlex.join(["manage.py", *sys.argv[1:]])
        result = report.Report(plan, figures, command, taken_at)
        report.show(result, console)
        if options["report"]:
            options["report"].write_text(report.page(result), "utf-8")
            console.print(f"The report is in {options['report']}")
        if figures.faults:
            sys.exit(1)


def check_numbers(options: dict[str, Any]) -> None:
    for name in ("sockets", "senders", "rate", "seconds", "processes"):
        if options[name] <= 0:
            raise CommandError(f"--{name} must be more than 0.")
    for name in ("window", "ramp"):
        if options[name] < 0:
            raise CommandError(f"--{name} must not be negative.")


def own_url() -> str:
    """Where this chatroom is served, if that is this machine: nothing else is guessed at."""
    site = urlsplit(settings.SITE_ORIGINS[0])
    if site.hostname not in THIS_MACHINE:
        raise CommandError(
            f"The site is {site.geturl()}, which may not be this machine. Name what you mean:"
            " --url ws://…/ws/"
        )
    return f"{'wss' if site.scheme == 'https' else 'ws'}://{site.netloc}/ws/"


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.netloc:
        raise CommandError(f"{url} is no WebSocket address: ws://host:port/ws/")
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


def cookies(file: Path | None, sockets: int) -> list[str]:
    """The lines of the file (used in turn if there are fewer), or guests of our own making."""
    if file is None:
        if missing := schema.missing_tables():
            raise CommandError(missing)
        members = guests.mint(count=sockets, prefix=PREFIX)
        connection.close()
        return [f"{settings.MEMBER_COOKIE}={sessions.issue(member)}" for member in members]
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
    if not any(lines):
        raise CommandError(f"{file} holds no cookie.")
    return [line for line in lines if line]
