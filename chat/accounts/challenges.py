"""Challenges of WebAuthn: signed, so that asking for one stores nothing, and good for one answer.

A challenge says what it is for, and for which browser it was made: an answer that was given
elsewhere, or for something else, is not accepted.
"""

import hashlib
from datetime import timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext

from ..errors import Forbidden
from .account_models import UsedChallenge

SALT = "chat.challenge"
VALID = timedelta(minutes=5)


def make(purpose: str, browser: str) -> bytes:
    """A challenge for this purpose and browser. `browser`: a secret that only it sends."""
    values = [purpose, digest_of(browser), get_random_string(22)]
    return signing.dumps(values, salt=SALT).encode()


def check(challenge: bytes, purpose: str, browser: str) -> None:
    """Forbidden unless we made it for this purpose and browser, a short while ago."""
    try:
        made_for, secret, _ = signing.loads(challenge.decode(), salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError):
        raise too_late() from None
    if made_for != purpose or not constant_time_compare(secret, digest_of(browser)):
        raise too_late()


def spend(challenge: bytes) -> None:
    """Forbidden if it was answered before. Call it in the transaction of what the answer does."""
    now = timezone.now()
    UsedChallenge.objects.filter(until__lt=now).delete()
    try:
        with transaction.atomic():
            digest = hashlib.sha256(challenge).hexdigest()
            UsedChallenge.objects.create(digest=digest, until=now + 2 * VALID)
    except IntegrityError:
        raise too_late() from None


def too_late() -> Forbidden:
    return Forbidden(gettext("That took too long. Try again."))


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
