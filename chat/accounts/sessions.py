"""Sessions: a signed cookie says who a browser is, so that a WebSocket handshake needs no query.

Pages and sockets read it by the same functions. The cookie does not say whether the session has
ended since; only the database does.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from ..ready_queries import Lookup
from .models import Member

SALT = "chat.member"
# Of the cookies that a browser sends under our names, at most so many are read.
COOKIES_TRIED = 8
# A member made this much later than a cookie was issued is not the cookie's member. Clocks of nodes
# may differ by so much.
CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a cookie says its bearer is: a member, in the session of this number.

    With an account, on this device: then the session holds as long as the device is signed in, and
    its number may be an older one.
    """

    id: int
    name: str
    session: int
    device: int = 0


# A reader without a name. No member has this id.
VISITOR = Identity(0, "", 0)


class _Cookie(NamedTuple):
    """A cookie issued here: the name it came under, for whom, by which site, and when."""

    name: str
    identity: Identity
    site: str
    issued_at: datetime


# --- The value --------------------------------------------------------------------------------


def issue(member: Member, device: int = 0) -> str:
    """The value of this member's cookie; with an account, on this device."""
    values = [member.pk, member.name, member.session, _site()]
    return signing.dumps([*values, device] if device else values, salt=SALT)


def read(value: str) -> Identity | None:
    """Whom the cookie was issued to; None if it was not issued here, or too long ago.

    The session may have ended since.
    """
    cookie = _read("", value)
    return cookie.identity if cookie else None


def _read(name: str, value: str) -> _Cookie | None:
    try:
        member_id, member_name, session, *others = signing.loads(
            value, salt=SALT, max_age=settings.MEMBER_COOKIE_AGE
        )
    # ValueError: a lone surrogate cannot be encoded for the comparison with the signature.
    except (signing.BadSignature, ValueError):
        return None
    issued_at = datetime.fromtimestamp(signing.b62_decode(value.rsplit(":", 2)[1]), UTC)
    # Old cookies do not name their site: then a host had only one.
    issuer = str(others[0]) if others else _site()
    device = int(others[1]) if len(others) > 1 else 0
    return _Cookie(name, Identity(member_id, member_name, session, device), issuer, issued_at)


def _site() -> str:
    """Identifies this site: browsers send the cookies of one site to every port of its host."""
    return _digest(" ".join(settings.SITE_ORIGINS))


@cache
def _digest(origins: str) -> str:
    """The same in whichever order they are set."""
    in_order = " ".join(sorted(origins.split()))
    return hashlib.blake2b(in_order.encode(), digest_size=4).hexdigest()


# --- The cookie -------------------------------------------------------------------------------


def _own_name() -> str:
    """The cookie's name that no other site of this host uses."""
    return f"{settings.MEMBER_COOKIE}-{_site()}"


def set_cookie(
    request: HttpRequest, response: HttpResponseBase, member: Member, device: int | None = None
) -> None:
    """Sign this browser in, on this device or the one that it was. The cookie of another site of
    this host is left alone.
    """
    if device is None:
        device = device_of(request, member)
    response.set_cookie(
        _name_for(_header(request)),
        issue(member, device),
        max_age=settings.MEMBER_COOKIE_AGE,
        path="/",
        secure=settings.SERVED_OVER_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Sign this browser out here."""
    cookie = _ours(_header(request))
    name = cookie.name if cookie else settings.MEMBER_COOKIE
    response.delete_cookie(name, path="/", samesite="Lax")


def _name_for(header: str) -> str:
    """The plain cookie name, unless another site of this host uses it."""
    sent = list(_sent(header))
    plain = [value for name, value in sent if name == settings.MEMBER_COOKIE]
    cookies = filter(None, (_read("", value) for value in plain[:COOKIES_TRIED]))
    is_ours = not plain or any(cookie.site == _site() for cookie in cookies)
    if is_ours and all(name != _own_name() for name, _ in sent):
        return str(settings.MEMBER_COOKIE)
    return _own_name()


def _ours(header: str) -> _Cookie | None:
    """The first cookie issued here; one under this site's own name comes first."""
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


# --- Requests and handshakes ------------------------------------------------------------------


def identity_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> Identity | None:
    """The identity of a handshake, from the headers of an ASGI scope."""
    cookies = b"; ".join(value for name, value in headers if name == b"cookie")
    cookie = _ours(cookies.decode("latin-1"))
    return cookie.identity if cookie else None


def device_of(request: HttpRequest, member: Member) -> int:
    """The device on which this browser is signed in to the member's account; 0 if on none."""
    cookie = _ours(_header(request))
    return cookie.identity.device if cookie and cookie.identity.id == member.pk else 0


def former_of(request: HttpRequest) -> Identity | None:
    """Who this browser was last, even if the session has ended."""
    cookie = _ours(_header(request))
    if cookie is None:
        return None
    # In a restored or new database the id may belong to another member, made later.
    known = Member.objects.filter(
        pk=cookie.identity.id, created_at__lte=cookie.issued_at + CLOCKS_DIFFER
    )
    return cookie.identity if known.exists() else None


_LIVE: Lookup[Member] = Lookup(
    lambda id_, session: Member.objects.live().filter(pk=id_, session=session), 10**6 + 1, 10**6 + 2
)
_LIVE_ON_DEVICE: Lookup[Member] = Lookup(
    lambda id_, device: Member.objects.live().filter(pk=id_, devices=device), 10**6 + 1, 10**6 + 2
)
# No member has this id.
_NOBODY = 0, 0


def member_of(request: HttpRequest) -> Member | None:
    """The member whose session this is now, from the database; None if it has ended."""
    lookup, values = session_lookup(request)
    return lookup.first(*values) if values != _NOBODY else None


def session_lookup(request: HttpRequest) -> tuple[Lookup[Member], tuple[int, int]]:
    """The same as a lookup and its values, for what asks for more in one statement."""
    cookie = _ours(_header(request))
    if cookie is None:
        return _LIVE, _NOBODY
    identity = cookie.identity
    if identity.device:
        return _LIVE_ON_DEVICE, (identity.id, identity.device)
    return _LIVE, (identity.id, identity.session)


def _header(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_COOKIE", ""))
