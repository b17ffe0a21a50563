"""The checks of `manage.py doctor`: what keeps a chatroom from working well, and what to do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import redis
from django.conf import settings
from django.core import checks
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from .. import concurrent_indexes
from ..accounts import site_settings, sso_claims
from ..accounts.models import Member
from ..accounts.site_settings import ComesIn
from ..messages import room_heads
from ..outages import described, is_outage
from ..rooms.models import RoomHead
from . import node_status, schema
from .account_checks import (
    background_tasks,
    breached_passwords,
    has_passkeys,
    passkeys,
    pictures,
)
from .findings import Finding
from .sso_checks import single_sign_on

# With these settings PostgreSQL's log holds no texts of messages: no failed or slow statement, no
# parameter, no detail of an error.
LOG_WITHOUT_MESSAGES = {
    "log_error_verbosity": "terse",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
}
# With clocks further apart than this people see wrong times.
CLOCK_SECONDS = 2.0
# Last messages are reported if they are dated more than this in the future.
AHEAD_SECONDS = 60
ROOMS_REPORTED = 5
REDIS_SECONDS = 3


def examine() -> Iterator[Finding]:
    """Run all checks. A check that fails is reported as ill, and the others still run."""
    examinations: list[Callable[[], Iterator[Finding]]] = [
        _settings, _database, _rooms, _times, _database_log, _clock, _redis, _proxy,
        passkeys, breached_passwords, pictures, single_sign_on, _door, background_tasks, _nodes,
    ]  # fmt: skip
    for examination in examinations:
        try:
            if examination in _OF_OUR_TABLES and schema.missing_tables():
                continue
            yield from examination()
        except (DatabaseError, InterfaceError) as error:
            name = examination.__name__.removeprefix("_")
            what = described(error) if is_outage(error) else "the database refuses the question"
            problem = f"{name}: {what} ({str(error).splitlines()[0]})"
            yield Finding("ill", problem, "Repair the database first.")


def _settings() -> Iterator[Finding]:
    messages = checks.run_checks(include_deployment_checks=True)
    for message in messages:
        state: Literal["watch", "ill"] = "ill" if message.level >= checks.ERROR else "watch"
        yield Finding(state, f"{message.id}: {message.msg}", message.hint or "")
    if not messages:
        yield Finding("well", "settings: nothing to object to")


def _database() -> Iterator[Finding]:
    if missing := schema.missing_tables():
        yield Finding("ill", f"database: {missing}")
        return
    with connection.cursor() as cursor:
        on_sqlite = connection.vendor == "sqlite"
        cursor.execute("SELECT sqlite_version()" if on_sqlite else "SHOW server_version")
        yield Finding("well", f"database: {connection.vendor} {cursor.fetchone()[0]}")
    if missing := schema.missing_migrations():
        yield Finding("ill", f"database: {missing}")
    else:
        yield Finding("well", "database: every migration is there")
    if unfinished := concurrent_indexes.invalid():
        yield Finding(
            "ill",
            f"database: unfinished indexes, which serve nobody: {', '.join(unfinished)}",
            "manage.py migrate makes them whole.",
        )


def _times() -> Iterator[Finding]:
    """Rooms whose last message is dated in the future, because a clock ran ahead.

    Later messages get the same time until then: times in a log never go back.
    """
    ahead = RoomHead.objects.filter(last_at__gt=timezone.now() + timedelta(seconds=AHEAD_SECONDS))
    for log in ahead.select_related("room").order_by("-last_at")[:ROOMS_REPORTED]:
        yield Finding(
            "watch",
            f"room {log.room.key}: its last message is dated {log.last_at:%Y-%m-%d %H:%M} UTC",
            "Set the clocks of nodes and database right. Until then later ones get the same time.",
        )


def _rooms() -> Iterator[Finding]:
    headless = room_heads.rooms_without_head()
    if headless:
        yield Finding(
            "ill",
            f"rooms: {len(headless)} have lost their head ({', '.join(headless[:5])})",
            "It is made anew when someone enters or writes there; see what deleted it.",
        )
    else:
        yield Finding("well", "rooms: each has its head")


def _database_log() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name",
            [list(LOG_WITHOUT_MESSAGES)],
        )
        others = [
            f"{name}={value}" for name, value in cursor if value != LOG_WITHOUT_MESSAGES[name]
        ]
    if others:
        yield Finding(
            "watch",
            f"database log: holds what people say when a statement fails ({', '.join(others)})",
            "docs/operate/operations.md, “What PostgreSQL logs”, says what to tell it.",
        )
    else:
        yield Finding("well", "database log: holds nothing of what people say")


def _clock() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs((datetime.now(UTC) - cursor.fetchone()[0]).total_seconds())
    if apart > CLOCK_SECONDS:
        yield Finding(
            "watch", f"clock: {apart:.0f} s from the database's", "Run an NTP client on both."
        )
    else:
        yield Finding("well", "clock: as the database's")


def _redis() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield Finding("well", "redis: none, which is right for one process and no more")
        return
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS)
        version = client.info("server")["redis_version"]
    except (redis.RedisError, OSError, ValueError) as error:
        yield Finding(
            "ill",
            f"redis: {error}",
            "Messages of other nodes come later until it is back. Look at REDIS_URL.",
        )
    else:
        yield Finding("well", f"redis: {version}")


def _proxy() -> Iterator[Finding]:
    over_https = all(origin.startswith("https://") for origin in settings.SITE_ORIGINS)
    if over_https and not settings.TRUSTED_PROXY_HEADER:
        yield Finding(
            "watch",
            "proxy: every client seems to be the proxy, and they share their rate limits",
            "Set TRUSTED_PROXY_HEADER to the header in which it puts the client's address.",
        )
    else:
        yield Finding("well", f"proxy header: {settings.TRUSTED_PROXY_HEADER or 'none'}")


def _door() -> Iterator[Finding]:
    """What the choice of who may come in lacks."""
    site = site_settings.current()
    choice = site.who_may_come_in
    is_fit = any(map(has_passkeys, settings.SITE_ORIGINS))
    if choice == ComesIn.ACCOUNTS and not (is_fit or settings.PASSWORDS):
        yield Finding(
            "ill",
            "who may come in: accounts only, and nobody can make one here",
            "Put a name and https:// into SITE_ORIGINS, or set PASSWORDS=on.",
        )
    elif choice == ComesIn.SINGLE_SIGN_ON and not sso_claims.is_on():
        yield Finding(
            "ill",
            "who may come in: single sign-on only, and none is set up, so nobody new comes in",
            "Set SSO_ISSUER and the others, or manage.py site set who_may_come_in anyone.",
        )
    elif site.approval and not Member.objects.live().exclude(office="").exists():
        yield Finding(
            "ill",
            "who may come in: newcomers wait, and there is no moderator to let them in",
            "manage.py invite_owner makes a link for the first one.",
        )
    else:
        waits = ", after a moderator lets them in" if site.approval else ""
        yield Finding("well", f"who may come in: {choice.label}{waits}")


def _nodes() -> Iterator[Finding]:
    for node, is_there in node_status.all_beats():
        if not is_there:
            yield Finding("watch", f"node {node.node}: silent", "It was killed, or is cut off.")
        elif node.degraded:
            yield Finding("watch", f"node {node.node}: does not hear Redis", "Look at Redis.")
        else:
            yield Finding("well", f"node {node.node}: {node.connections} connections")


# What has nothing to look at in a database that is not ours.
_OF_OUR_TABLES = (_rooms, _times, _door, single_sign_on, background_tasks, _nodes)
