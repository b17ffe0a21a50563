"""Kills the containers of docker-compose.yml one after the other, and judges what clients saw."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Clone what is committed, build and start it with Docker as a project of its own, kill each"
        " part and update the nodes while clients send, and judge what they saw."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=30)
        parser.add_argument("--injections", type=int, default=3, help="So often each.")

    def handle(self, *, people: int, injections: int, **options: Any) -> None:
        try:
            from lab.drill.compose import drills
            from lab.kit.servers import NoServerError
        except ModuleNotFoundError as error:
            raise CommandError(f"{error}: pip install -r requirements/test.txt") from None
        broken = []

        async def one_after_the_other() -> None:
            async for verdict in drills(people=people, injections=injections):
                self.stdout.write(f"{verdict}\n")
                self.stdout.flush()
                if verdict.away.seconds:
                    p50, p95 = (1000 * verdict.away.at(share) for share in (0.5, 0.95))
                    self.stdout.write(
                        f"  cut off {len(verdict.away.seconds)} times: p50 {p50:,.0f},"
                        f" p95 {p95:,.0f}, max {1000 * verdict.away.worst:,.0f} ms"
                    )
                if not verdict.ok:
                    broken.append(verdict.fault)

        try:
            asyncio.run(one_after_the_other())
        except NoServerError as error:
            raise CommandError(str(error)) from None
        if broken:
            raise CommandError(f"Promises were broken: {', '.join(broken)}", returncode=1)
