import asyncio
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from chat.accounts import guests, sessions
from chat.maintenance.probe import ProbeFailed, ProbeResult, probe
from chat.management.arguments import room_named
from chat.management.database_command import DatabaseCommand
from chat.moderation import room_rules
from chat.rooms.models import Room

ROOM = "canary"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Command(DatabaseCommand):
    help = (
        "Post a message in a room of its own through the public address, and wait for it. Exit code"
        " 1: it did not arrive. With --every it repeats, and --port serves metrics."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("site", metavar="URL", help="What people type: https://chat.example.")
        parser.add_argument(
            "--room", default=ROOM, metavar="KEY", help=f"Default: {ROOM}, opened if there is none."
        )
        parser.add_argument(
            "--door",
            default="",
            metavar="HOST",
            help="The host to connect to; default: the site's.",
        )
        parser.add_argument("--every", type=float, default=0, metavar="SECONDS", help="Repeat.")
        parser.add_argument("--port", type=int, default=0, help="Serve /metrics on this port.")
        parser.add_argument("--address", default="127.0.0.1", help="… at this address.")

    def handle(self, *, site: str, room: str, every: float, **options: Any) -> None:
        if room == ROOM and not Room.objects.filter(key=ROOM).exists():
            room_rules.open_room(key=ROOM, name="Canary")
        room_named(room)
        metrics = ProbeMetrics()
        [member] = guests.mint(count=1, prefix="Canary ")
        if options["port"]:
            start_http_server(options["port"], options["address"], metrics.registry)
        while True:
            began = time.monotonic()
            try:
                cookie = f"{settings.MEMBER_COOKIE}={sessions.issue(member)}"
                result = asyncio.run(probe(site, cookie, room, door=options["door"]))
            except ProbeFailed as failure:
                metrics.failed()
                if not every:
                    raise CommandError(str(failure)) from failure
                self.stderr.write(str(failure))
            else:
                metrics.succeeded(result)
                self.stdout.write(
                    f"entered in {result.entered * 1000:.0f} ms,"
                    f" accepted in {result.accepted * 1000:.0f} ms,"
                    f" delivered in {result.delivered * 1000:.0f} ms"
                )
            if not every:
                return
            time.sleep(max(0.0, began + every - time.monotonic()))


class ProbeMetrics:
    """The last probe, for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._up = Gauge(
            "chatroom_canary_up", "Whether the last probe succeeded.", registry=self.registry
        )
        self._failures = Counter(
            "chatroom_canary_failures", "Failed probes.", registry=self.registry
        )
        self._seconds = Histogram(
            "chatroom_canary_seconds",
            "Through the public address: to enter, to be accepted, to be delivered.",
            ["part"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def failed(self) -> None:
        self._up.set(0)
        self._failures.inc()

    def succeeded(self, result: ProbeResult) -> None:
        self._up.set(1)
        for part in ("entered", "accepted", "delivered"):
            self._seconds.labels(part).observe(getattr(result, part))
