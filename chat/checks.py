"""What an operator should know before the chatroom starts."""

import sqlite3
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SQLITE_SOUND_SINCE = (3, 51, 3)


@register(Tags.compatibility)
def check_sqlite_version(**kwargs: Any) -> list[CheckMessage]:
    if not is_sqlite(settings.DATABASES["default"]) or is_sound(sqlite3.sqlite_version_info):
        return []
    return [
        Warning(
            f"SQLite {sqlite3.sqlite_version} can corrupt a database in WAL mode when two"
            " connections checkpoint at the same moment (repaired in 3.51.3).",
            hint="The chatroom leaves checkpoints to one connection, so this is unlikely here;"
            " keep other programs from writing to the file. To be sure, use a Python with a newer"
            " SQLite, or PostgreSQL (DATABASE_URL).",
            id="chat.W001",
        )
    ]


@register(Tags.security)
def check_site_origins(**kwargs: Any) -> list[CheckMessage]:
    """A socket is let in by its exact Origin: an entry that no browser sends lets nobody in."""
    return [
        Error(
            f"SITE_ORIGINS holds {origin!r}, which is not the origin of a site.",
            hint="Write scheme://host or scheme://host:port as browsers do: http or https, lower"
            " case, no path, no slash at the end, no wildcard, no default port.",
            id="chat.E001",
        )
        for origin in settings.SITE_ORIGINS
        if not is_origin(origin)
    ]


def is_sqlite(database: dict[str, Any]) -> bool:
    return database["ENGINE"] == "django.db.backends.sqlite3"


def is_sound(version: tuple[int, ...]) -> bool:
    return version >= SQLITE_SOUND_SINCE


def is_origin(origin: str) -> bool:
    """Whether a browser could send exactly this as an Origin header."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    default_port = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    written = f"[{host}]" if ":" in host else host
    return (
        default_port is not None
        and port != default_port
        and host.isascii()
        and host.strip("*. ") == host != ""
        and origin == f"{parts.scheme}://{written}" + (f":{port}" if port is not None else "")
    )
