"""The member's session is a signed cookie, so that a WebSocket handshake costs no query."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from .models import Member

SALT = "chat.member"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a cookie says its bearer is: a member, under one number of their sessions."""

    id: int
    name: str
    session: int


def issue(member: Member) -> str:
    """The value of this member's cookie."""
    return signing.dumps([member.pk, member.name, member.session], salt=SALT)


def read(value: str) -> Identity | None:
    """Whom the cookie was issued to; None if it was not issued here, or too long ago.

    Says nothing about now: the session may have ended since.
    """
    try:
        return Identity(*signing.loads(value, salt=SALT, max_age=settings.MEMBER_COOKIE_AGE))
    # A ValueError: a lone surrogate cannot even be compared with a signature.
    except (signing.BadSignature, ValueError):
        return None


def set_cookie(response: HttpResponseBase, member: Member) -> None:
    response.set_cookie(
        settings.MEMBER_COOKIE,
        issue(member),
        max_age=settings.MEMBER_COOKIE_AGE,
        path="/",
        secure=settings.SERVED_OVER_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(response: HttpResponseBase) -> None:
    response.delete_cookie(settings.MEMBER_COOKIE, path="/", samesite="Lax")


def identity_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> Identity | None:
    """Whose handshake this is, from the headers of an ASGI scope."""
    name = settings.MEMBER_COOKIE.encode()
    for header, cookies in headers:
        if header == b"cookie":
            for cookie in cookies.split(b";"):
                key, _, value = cookie.strip().partition(b"=")
                if key == name:
                    return read(value.decode("latin-1"))
    return None


def former_of(request: HttpRequest) -> int | None:
    """Who this browser was last, though the session may have ended."""
    identity = read(request.COOKIES.get(settings.MEMBER_COOKIE, ""))
    return identity.id if identity else None


def member_of(request: HttpRequest) -> Member | None:
    """The live member whose session this is, as the database has it now."""
    identity = read(request.COOKIES.get(settings.MEMBER_COOKIE, ""))
    if identity is None:
        return None
    return Member.objects.live().filter(pk=identity.id, session=identity.session).first()
