"""System checks: mistakes in the configuration that an operator should know before the start."""

import re
import sqlite3
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from .web import site_picture

SQLITE_SOUND_SINCE = (3, 51, 3)

ORIGIN = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
DEFAULT_PORTS = {"http": "80", "https": "443"}


# By `check --deploy` only: somebody who tries the chatroom on a laptop has nothing to decide here.
@register(Tags.compatibility, deploy=True)
def check_sqlite_version(**kwargs: Any) -> list[CheckMessage]:
    on_sqlite = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
    if not on_sqlite or sqlite3.sqlite_version_info >= SQLITE_SOUND_SINCE:
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
    """A socket is admitted by its exact Origin, so an entry that no browser sends is a mistake."""
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


@register(Tags.compatibility)
def check_site_picture(**kwargs: Any) -> list[CheckMessage]:
    """A picture that cannot be shown is said at the start, not by a broken image on each page."""
    if not settings.SITE_PICTURE or site_picture.read(settings.SITE_PICTURE):
        return []
    return [
        Error(
            f"SITE_PICTURE names {settings.SITE_PICTURE!r}, which is no picture for the site.",
            hint="Name a PNG, JPEG or WebP file of at most 256 KiB that this user can read.",
            id="chat.E003",
        )
    ]


@register(Tags.security)
def check_trusted_proxy_header(**kwargs: Any) -> list[CheckMessage]:
    """With an impossible header name every client would seem to be the proxy."""
    header = settings.TRUSTED_PROXY_HEADER
    if re.fullmatch(r"[A-Za-z0-9-]*", header):
        return []
    return [
        Error(
            f"TRUSTED_PROXY_HEADER is {header!r}, which is not the name of a header.",
            hint="Write it as it travels, X-Real-IP, and not as Django keeps it, HTTP_X_REAL_IP.",
            id="chat.E002",
        )
    ]


@register(Tags.security)
def check_single_sign_on(**kwargs: Any) -> list[CheckMessage]:
    """Half of its settings would give a button that leads nowhere."""
    issuer, client = settings.SSO_ISSUER, settings.SSO_CLIENT_ID
    wrong = ""
    if bool(issuer) != bool(client):
        wrong = "SSO_ISSUER and SSO_CLIENT_ID go together: set both, or neither."
    elif issuer and not _is_address(issuer):
        wrong = "SSO_ISSUER is no address with https:// (or of this machine)."
    elif issuer and "openid" not in settings.SSO_SCOPES:
        wrong = "SSO_SCOPES lacks openid, without which the provider names nobody."
    hint = "docs/operate/single-sign-on.md says what to write."
    return [Error(wrong, hint=hint, id="chat.E004")] if wrong else []


def _is_address(issuer: str) -> bool:
    address = urlsplit(issuer)
    is_here = address.hostname in ("localhost", "127.0.0.1", "::1")
    is_safe = address.scheme == "https" or (address.scheme == "http" and is_here)
    return is_safe and bool(address.hostname) and not address.query and not address.fragment


def is_origin(text: str) -> bool:
    """Whether a browser could send exactly this as an Origin header."""
    origin = ORIGIN.fullmatch(text)
    return (
        origin is not None
        and origin["port"] != DEFAULT_PORTS[origin["scheme"]]
        and int(origin["port"] or 0) < 65_536
    )
