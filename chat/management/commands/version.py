from typing import Any

from django.core.management.base import BaseCommand

from chatroom import VERSION


class Command(BaseCommand):
    help = "Print the version of this chatroom."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        self.stdout.write(VERSION)
