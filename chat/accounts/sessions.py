"""The member's session is a signed cookie, so that a WebSocket handshake makes no query of its own.

Pages and sockets read it by the same functions. Whether the session still lasts is not in the
cookie: the database tells.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from ..ready_queries import Lookup
from .models import Member

SALT = "chat.member"
# Of the cookies that a browser sends under our names, so many are tried.
COOKIES_TRIED = 8
# A row made this much later than a cookie was issued is another member's: clocks may differ so far.
CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a cookie says its bearer is: a member, under one number of their sessions."""

    id: int
    name: str
    session: int


# Someone without a name. No member has this id.
VISITOR = Identity(0, "", 0)


class _Cookie(NamedTuple):
    """One that was issued here: under which name it came, for whom, where and when."""

    name: str
    identity: Identity
    site: str
    issued_at: datetime


# --- The value --------------------------------------------------------------------------------


def issue(member: Member) -> str:
    """The value of this member's cookie."""
    return signing.dumps([member.pk, member.name, member.session, _site()], salt=SALT)


def read(value: str) -> Identity | None:
    """Whom the cookie was issued to; None if it was not issued here, or too long ago.

    Says nothing about now: the session may have ended since.
    """
    cookie = _read("", value)
    return cookie.identity if cookie else None


def _read(name: str, value: str) -> _Cookie | None:
    try:
        member_id, member_name, session, *site = signing.loads(
            value, salt=SALT, max_age=settings.MEMBER_COOKIE_AGE
        )
    # A ValueError: a lone surrogate cannot even be compared with a signature.
    except (signing.BadSignature, ValueError):
        return None
    issued_at = datetime.fromtimestamp(signing.b62_decode(value.rsplit(":", 2)[1]), UTC)
    # Before cookies named their site, there was one site for a host.
    issuer = str(site[0]) if site else _site()
    return _Cookie(name, Identity(member_id, member_name, session), issuer, issued_at)


def _site() -> str:
    """This site among those of a host: browsers give one site's cookies to every port."""
    origins = " ".join(sorted(settings.SITE_ORIGINS))
    return hashlib.blake2b(origins.encode(), digest_size=4).hexdigest()


# --- The cookie -------------------------------------------------------------------------------


def _own_name() -> str:
    """The name beside which another site of the host has its own."""
    return f"{settings.MEMBER_COOKIE}-{_site()}"


def set_cookie(request: HttpRequest, response: HttpResponseBase, member: Member) -> None:
    """Sign this browser in. What another site of this host has set is left alone."""
    response.set_cookie(
        _name_for(_header(request)),
        issue(member),
        max_age=settings.MEMBER_COOKIE_AGE,
        path="/",
        secure=settings.SERVED_OVER_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have this browser forget whom it is signed in as here."""
    cookie = _ours(_header(request))
    name = cookie.name if cookie else settings.MEMBER_COOKIE
    response.delete_cookie(name, path="/", samesite="Lax")


def _name_for(header: str) -> str:
    """The plain name, unless a cookie that is there under it is another site's."""
    sent = list(_sent(header))
    plain = [value for name, value in sent if name == settings.MEMBER_COOKIE]
    cookies = filter(None, (_read("", value) for value in plain[:COOKIES_TRIED]))
    is_ours = not plain or any(cookie.site == _site() for cookie in cookies)
    if is_ours and all(name != _own_name() for name, _ in sent):
        return str(settings.MEMBER_COOKIE)
    return _own_name()


def _ours(header: str) -> _Cookie | None:
    """The first cookie that was issued here; the one under this site's own name before others."""
    sent = list(_sent(header))
    names = _own_name(), settings.MEMBER_COOKIE
    named = [(name, value) for own in names for name, value in sent if name == own]
    cookies = (_read(name, value) for name, value in named[:COOKIES_TRIED])
    return next(filter(None, cookies), None)


def _sent(header: str) -> Iterator[tuple[str, str]]:
    """The names and values of a Cookie header, in order."""
    for pair in header.split(";"):
        name, _, value = pair.partition("=")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = value[1:-1]
        yield name.strip(), value


# --- Who asks ---------------------------------------------------------------------------------


def identity_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> Identity | None:
    """Whose handshake this is, from the headers of an ASGI scope."""
    cookies = b"; ".join(value for name, value in headers if name == b"cookie")
    cookie = _ours(cookies.decode("latin-1"))
    return cookie.identity if cookie else None


def former_of(request: HttpRequest) -> Identity | None:
    """Who this browser was last, though the session may have ended."""
    cookie = _ours(_header(request))
    if cookie is None:
        return None
    # In a database that was restored or begun anew since, the id may be another member's.
    known = Member.objects.filter(
        pk=cookie.identity.id, created_at__lte=cookie.issued_at + CLOCKS_DIFFER
    )
    return cookie.identity if known.exists() else None


_LIVE: Lookup[Member] = Lookup(
    lambda id_, session: Member.objects.live().filter(pk=id_, session=session), 10**6 + 1, 10**6 + 2
)


def member_of(request: HttpRequest) -> Member | None:
    """The live member whose session this is, as the database has it now."""
    cookie = _ours(_header(request))
    if cookie is None:
        return None
    return _LIVE.first(cookie.identity.id, cookie.identity.session)


def _header(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_COOKIE", ""))
