"""Injects faults into servers of its own, and judges what clients saw."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from lab.drill.verdict import DrillVerdict

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
        parser.add_argument(
            "--at-once",
            type=int,
            default=1,
            help="So many drills side by side, on as many clusters.",
        )
        parser.add_argument("--keep", type=Path, help="Folder in which the histories stay.")

    def handle(self, *, faults: list[str], short: bool, at_once: int, **options: Any) -> None:
        try:
            from lab.drill.run import DrillPlan, drills, side_by_side
            from lab.drill.verdict import BACKFILL_MIN, Total
            from lab.faults import FAULTS
            from lab.kit.servers import NoServerError
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
        plan = DrillPlan(**{name: options[name] for name in DrillPlan.__annotations__})
        verdicts: list[DrillVerdict] = []

        def tell(verdict: "DrillVerdict") -> None:
            verdicts.append(verdict)
            self.stdout.write(f"{verdict}\n")
            self.stdout.flush()

        async def one_after_the_other() -> None:
            async for verdict in drills([FAULTS[name] for name in names], plan):
                tell(verdict)

        try:
            if at_once == 1:
                asyncio.run(one_after_the_other())
            else:
                for verdict in side_by_side(names, plan, at_once):
                    tell(verdict)
        except NoServerError as error:
            raise CommandError(str(error)) from None
        total = Total(sorted(verdicts, key=lambda verdict: names.index(verdict.fault)))
        self.stdout.write(str(total))
        if broken := [verdict.fault for verdict in verdicts if not verdict.ok]:
            raise CommandError(f"Promises were broken: {', '.join(broken)}", returncode=1)
        if len(names) == len(FAULTS) and total.backfill < BACKFILL_MIN:
            raise CommandError("The ways of recovery were hardly tried.", returncode=1)
