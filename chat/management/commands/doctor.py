from typing import Any

from django.core.management.base import CommandError

from chat.maintenance.doctor_checks import examine
from chat.management.database_command import DatabaseCommand

SIGNS = {"well": "ok   ", "watch": "watch", "ill": "ILL  "}


class Command(DatabaseCommand):
    # It reports a missing database as a finding, and continues.
    needs = "nothing"
    help = (
        "Check settings, database, clock, Redis, proxy and nodes, and say what to do. Exit code 1:"
        " something is ill."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        findings = list(examine())
        for finding in findings:
            self.stdout.write(f"{SIGNS[finding.state]} {finding.what}")
            if finding.advice:
                self.stdout.write(f"        {finding.advice}")
        ill = sum(finding.state == "ill" for finding in findings)
        if ill:
            raise CommandError(f"{ill} to be mended.")
