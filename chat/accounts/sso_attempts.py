"""A sign-in at the provider that is under way: what this browser began, in a signed cookie.

Only the browser that began can finish: the provider's answer names a state that the cookie holds
(login CSRF), the id token a nonce, and the code is worth nothing without the cookie's verifier.
"""

import secrets
from datetime import timedelta
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext

from ..errors import Forbidden
from .sso_claims import SsoPerson

VALID = timedelta(minutes=10)


class Attempt(NamedTuple):
    """`keep`: the member who wants to keep the name by it; 0 for nobody. `prove`: an account
    that is signed in here confirms that its owner is there. `began`: when, in seconds since 1970.
    """

    state: str
    nonce: str
    verifier: str
    began: int
    next: str
    keep: int = 0
    prove: bool = False

    @classmethod
    def new(cls, next_path: str, *, keep: int = 0, prove: bool = False) -> Self:
        state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        began = int(timezone.now().timestamp())
        return cls(state, nonce, secrets.token_urlsafe(48), began, next_path, keep, prove)


class Proof(NamedTuple):
    """Who somebody is at the provider, while they say who they want to be here."""

    person: SsoPerson
    next: str


def begin(response: HttpResponseBase, attempt: Attempt) -> None:
    _set(response, "attempt", list(attempt))


def attempt_of(request: HttpRequest) -> Attempt:
    """What this browser began. Forbidden if nothing, or too long ago."""
    return Attempt(*_read(request, "attempt"))


def remember(response: HttpResponseBase, proof: Proof) -> None:
    _set(response, "proof", [list(proof.person), proof.next])


def proof_of(request: HttpRequest) -> Proof:
    """Whom the provider has named in this browser. Forbidden if nobody, or too long ago."""
    person, next_path = _read(request, "proof")
    return Proof(SsoPerson.of(person), next_path)


def forget(response: HttpResponseBase) -> None:
    response.delete_cookie(cookie_name(), path="/", samesite="Lax")


def wish_to_keep(member_id: int) -> str:
    """A word that only we can say: this member wants to keep the name by single sign-on."""
    return signing.dumps(member_id, salt="chat.sso.keep")


def who_keeps(wish: str) -> int:
    """The member who said so a short while ago; 0 if there is no such wish."""
    try:
        return int(signing.loads(wish, salt="chat.sso.keep", max_age=VALID))
    except (signing.BadSignature, ValueError):
        return 0


def cookie_name() -> str:
    """With HTTPS one that no other host of the domain can set."""
    return "__Host-sso" if settings.SERVED_OVER_HTTPS else "sso"


def _set(response: HttpResponseBase, kind: str, values: list[object]) -> None:
    response.set_cookie(
        cookie_name(),
        signing.dumps(values, salt=f"chat.sso.{kind}"),
        max_age=VALID,
        path="/",
        secure=settings.SERVED_OVER_HTTPS,
        httponly=True,
        # The provider sends the browser back from another site.
        samesite="Lax",
    )


def _read(request: HttpRequest, kind: str) -> list[Any]:
    value = request.COOKIES.get(cookie_name(), "")
    try:
        values: list[Any] = signing.loads(value, salt=f"chat.sso.{kind}", max_age=VALID)
    except (signing.BadSignature, ValueError):
        raise too_late() from None
    return values


def too_late() -> Forbidden:
    text = gettext("This sign-in was begun elsewhere, or too long ago. Begin again.")
    return Forbidden(text)
