"""Repeats the figures of docs/reference/performance.md, on servers of its own."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Measure at scale, on servers of its own (Linux). Leave the machine alone meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="*", metavar="WHAT", help="Without one: what there is.")

    def handle(self, *, what: list[str], **options: Any) -> None:
        try:
            from lab.benchmarks.measures import MEASURES
        except ModuleNotFoundError as error:
            raise CommandError(
                f"{error}. Measuring needs more than the chatroom does: "
                "pip install -r requirements/test.txt"
            ) from None
        if unknown := set(what) - MEASURES.keys():
            raise CommandError(f"Not measured here: {', '.join(sorted(unknown))}")
        if not what:
            for name, measure in MEASURES.items():
                self.stdout.write(f"{name:<12}{measure.__doc__}")
        for name in what:
            with tempfile.TemporaryDirectory(prefix="chatroom-measure-") as folder:
                for line in MEASURES[name](Path(folder)):
                    self.stdout.write(f"{name}: {line}")
                    self.stdout.flush()
