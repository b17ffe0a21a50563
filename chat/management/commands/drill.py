"""Breaks things on purpose, on servers of its own, and judges what people saw of it."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

SHORT = ["kill", "redis-restart", "partition", "pg-terminate"]


class Command(BaseCommand):
    help = "Run drills: real nodes, clients and faults. Touches no database but its own."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("faults", nargs="*", metavar="FAULT", help="All, if none is named.")
        parser.add_argument("--short", action="store_true", help=f"Only {', '.join(SHORT)}.")
        parser.add_argument("--list", action="store_true", help="Say which faults there are.")
        parser.add_argument("--nodes", type=int, default=2)
        parser.add_argument("--clients", type=int, default=20)
        parser.add_argument("--seconds", type=float, default=20, help="So long for each fault,")
        parser.add_argument("--injections", type=int, default=0, help="or so many times.")
        parser.add_argument("--keep", type=Path, help="Folder in which the histories stay.")

    def handle(self, *, faults: list[str], short: bool, **options: Any) -> None:
        try:
            from chat.drill.nemesis import FAULTS
            from chat.drill.run import drills
            from chat.drill.servers import NoServerError
        except ModuleNotFoundError as error:
            raise CommandError(
                f"{error}. Drills need more than the chatroom does: "
                "pip install -r requirements/test.txt"
            ) from None
        if options["list"]:
            for fault in FAULTS.values():
                self.stdout.write(f"{fault.name:<20}{fault.what}")
            return
        names = faults or (SHORT if short else list(FAULTS))
        if unknown := set(names) - FAULTS.keys():
            raise CommandError(f"No such fault: {', '.join(sorted(unknown))} (see --list)")
        broken = []

        async def run() -> None:
            async for verdict in drills(
                [FAULTS[name] for name in names],
                **{name: options[name] for name in ("nodes", "clients", "seconds")},
                injections=options["injections"],
                keep=options["keep"],
            ):
                self.stdout.write(f"{verdict}\n")
                self.stdout.flush()
                if not verdict.ok:
                    broken.append(verdict.fault)

        try:
            asyncio.run(run())
        except NoServerError as error:
            raise CommandError(str(error)) from None
        if broken:
            raise CommandError(f"Promises were broken: {', '.join(broken)}", returncode=1)
