"""What the provider of single sign-on says about someone, and what it means here."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from ..errors import Forbidden
from . import fresh_proof, site_settings
from .models import Member
from .sso_models import SUBJECT_MAX_LENGTH

Claims = Mapping[str, Any]

# A person's names, the most personal first.
NAMES = ("name", "nickname", "preferred_username", "given_name")
# The highest first.
ROLES = (Member.Office.OWNER.value, Member.Office.MODERATOR.value)


class SsoPerson(NamedTuple):
    """Someone at the provider. `role`: what their groups give them here. `proved`: they signed in
    there a moment ago, and were not just known by a cookie (fresh_proof.py).
    """

    issuer: str
    subject: str
    names: tuple[str, ...]
    role: str
    proved: bool

    @classmethod
    def of(cls, values: Any) -> Self:
        issuer, subject, names, role, proved = values
        return cls(issuer, subject, tuple(names), role, proved)


def is_on() -> bool:
    """Whether this site has single sign-on."""
    return bool(settings.SSO_ISSUER and settings.SSO_CLIENT_ID)


def button_name() -> str:
    """What to call the provider; empty without single sign-on."""
    return str(settings.SSO_NAME) if is_on() else ""


def allowed_domains() -> frozenset[str]:
    """The domains of e-mail addresses that may sign in; none: all may."""
    set_here = frozenset(domain.lower().lstrip("@") for domain in settings.SSO_EMAIL_DOMAINS)
    return site_settings.current().allowed_domains or set_here


def wanted() -> set[str]:
    """The claims that we look at. What an id token lacks of them, the provider is asked for."""
    groups = {settings.SSO_GROUPS_CLAIM.partition(".")[0]} if settings.SSO_ROLES else set()
    return {"name", "email", "email_verified"} | groups


def person_of(claims: Claims) -> SsoPerson:
    """Who these checked claims are about. Forbidden if such a person may not sign in here."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX_LENGTH:
        raise Forbidden(gettext("The provider does not say who you are. Ask its administrators."))
    _check_domain(claims)
    names, role = _names(claims), _role(claims)
    return SsoPerson(settings.SSO_ISSUER, subject, names, role, _is_fresh(claims.get("auth_time")))


def _is_fresh(auth_time: object) -> bool:
    since = timezone.now() - fresh_proof.VALID
    return isinstance(auth_time, int | float) and auth_time > since.timestamp()


def _check_domain(claims: Claims) -> None:
    domains = allowed_domains()
    if not domains:
        return
    email = claims.get("email")
    # Some providers write it as a word.
    if not isinstance(email, str) or claims.get("email_verified") not in (True, "true"):
        raise Forbidden(
            gettext("Your e-mail address is not verified there. Verify it, then sign in again.")
        )
    person, _, domain = email.rpartition("@")
    if not person or domain.lower() not in domains:
        raise Forbidden(
            gettext("Your e-mail address does not belong to this chatroom’s people. Use another.")
        )


def _names(claims: Claims) -> tuple[str, ...]:
    """What they may be called here, cut to the length of a name."""
    said = (claims.get(name) for name in NAMES)
    # Without the domain, where the name is an e-mail address.
    plain = (name.partition("@")[0].strip() for name in said if isinstance(name, str))
    return tuple(dict.fromkeys(name[: settings.NAME_MAX_LENGTH].strip() for name in plain if name))


def _role(claims: Claims) -> str:
    groups = _groups(claims)
    roles = {settings.SSO_ROLES.get(group) for group in groups}
    return next((role for role in ROLES if role in roles), "")


def _groups(claims: Claims) -> set[str]:
    """The claim of that name, or the one that dots lead to."""
    path: str = settings.SSO_GROUPS_CLAIM
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    several = found if isinstance(found, list) else [found]
    return {group for group in several if isinstance(group, str)}
