from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse
from django.utils import timezone

from chat.management.database_command import DatabaseCommand
from chat.moderation import roles


class Command(DatabaseCommand):
    help = "Print a link that makes the first member who opens it an owner of this chatroom."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hours", type=int, default=roles.INVITATION_SECONDS // 3600,
                            help="How long the link is good for.")  # fmt: skip

    def handle(self, *, hours: int, **options: Any) -> None:
        token = roles.invite(seconds=hours * 3600)
        path = reverse("invitation", args=[token])
        self.stdout.write(f"{settings.SITE_ORIGINS[0]}{path}")
        until = timezone.now() + timedelta(hours=hours)
        self.stderr.write(
            f"Good for one member, until {until:%Y-%m-%d %H:%M} UTC. Keep it to yourself."
        )
