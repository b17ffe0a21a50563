"""Links that sign another browser in: from a device of the account, or from an operator.

A device's link is good once, for five minutes, and only after the device has seen who asks and
allowed it. So whom a stranger talked into opening it gives nothing away, and who got it by mistake
gets nothing.
"""

import secrets
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from ..errors import Forbidden, NotFound
from .account_models import SignInLink
from .challenges import digest_of
from .users import User

VALID = timedelta(minutes=5)
RECOVERY_VALID = timedelta(hours=24)
# How long an expired link is kept.
KEPT = timedelta(days=1)


def make(user: User, device: int) -> str:
    """The token of a link for another device; an earlier one of this device ends."""
    SignInLink.objects.filter(until__lt=timezone.now() - KEPT).delete()
    user.sign_in_links.filter(kind=SignInLink.Kind.DEVICE, device_id=device).delete()
    return _create(user, SignInLink.Kind.DEVICE, VALID, device_id=device)


def make_recovery(user: User, valid: timedelta = RECOVERY_VALID) -> str:
    """The token of a link that an operator hands to the owner of the account."""
    user.sign_in_links.filter(kind=SignInLink.Kind.RECOVERY).delete()
    return _create(user, SignInLink.Kind.RECOVERY, valid)


def _create(user: User, kind: str, valid: timedelta, device_id: int | None = None) -> str:
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(
        digest=digest_of(token),
        kind=kind,
        user=user,
        until=timezone.now() + valid,
        device_id=device_id,
    )
    return token


def find(token: str, kind: str) -> SignInLink:
    """NotFound if it is unknown, used or expired: all look the same."""
    links = SignInLink.objects.valid().filter(digest=digest_of(token), kind=kind)
    link = links.select_related("user__member").first()
    if link is None or link.refused_at is not None:
        raise _not_valid()
    return link


def ask(token: str, *, label: str, address: str) -> str:
    """Another browser asks to be signed in. Its secret, with which it comes back.

    The first that asks is shown to the device; nobody else can ask by the same link.
    """
    secret = secrets.token_urlsafe(24)
    link = find(token, SignInLink.Kind.DEVICE)
    free = SignInLink.objects.filter(pk=link.pk, asker_digest="")
    if not free.update(asker_digest=digest_of(secret), asked_by=label, asked_from=address):
        raise _not_valid()
    return secret


def asked_by(token: str, secret: str) -> SignInLink:
    """The link, for the browser that asked by it. NotFound for every other one."""
    link = find(token, SignInLink.Kind.DEVICE)
    if not constant_time_compare(link.asker_digest, digest_of(secret)):
        raise _not_valid()
    return link


def number_of(link: SignInLink) -> str:
    """Two digits that both devices show: their owner sees that it is the same request."""
    return f"{int(link.asker_digest[:8], 16) % 90 + 10}" if link.asker_digest else ""


def decide(user: User, device: int, digest: str, number: str, *, granted: bool) -> None:
    """The device that made the link lets in who asks, or does not. `number`: what it was shown."""
    now = timezone.now()
    mine = user.sign_in_links.valid(now).filter(device_id=device, digest=digest)
    link = mine.exclude(asker_digest="").first()
    if link is None or number_of(link) != number:
        raise NotFound(gettext("That request has expired. Show a new code."))
    change = {"granted_at": now} if granted else {"refused_at": now}
    mine.filter(granted_at=None, refused_at=None).update(**change)


def spend(link: SignInLink) -> User:
    """Whose link it is. Of two who use it at once, one is refused."""
    if link.kind == SignInLink.Kind.DEVICE and link.granted_at is None:
        raise Forbidden(gettext("Allow it on your other device first."))
    unused = SignInLink.objects.valid().filter(pk=link.pk, refused_at=None)
    if not unused.update(used_at=timezone.now()):
        raise _not_valid()
    return link.user


def _not_valid() -> NotFound:
    return NotFound(gettext("This link is not valid any more. Make a new one."))
