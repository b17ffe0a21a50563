"""The tables of accounts: devices, and the ways to sign in on another one."""

import secrets
from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from .models import Member
from .users import User

LABEL_MAX_LENGTH = 80
DIGEST_LENGTH = 64


def random_id() -> int:
    """In a restored or fresh database an id must not be valid again, so it is never counted up."""
    return secrets.randbelow(2**63 - 1) + 1


class Device(models.Model):
    """A browser that is signed in to an account. Its cookie names the row; no row, no session."""

    id = models.BigIntegerField(primary_key=True, default=random_id)
    # Without a constraint, because adding it would lock the table of members.
    member = models.ForeignKey(Member, models.CASCADE, db_constraint=False, related_name="devices")
    label = models.CharField(max_length=LABEL_MAX_LENGTH)
    signed_in_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(default=timezone.now)
    # When its user last proved to be the account's owner, by a passkey, code or password.
    proved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label


class Passkey(models.Model):
    """A public key that signs an account in. The private key stays with its authenticator."""

    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=1400, unique=True, help_text="As base64url.")
    credential = models.BinaryField(help_text="Id, model and public key, as WebAuthn encodes them.")
    sign_count = models.BigIntegerField(default=0)
    label = models.CharField(max_length=LABEL_MAX_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.label


class RecoveryCode(models.Model):
    """A code that signs an account in once. Only its digest is stored; a used one is deleted."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")

    def __str__(self) -> str:
        return f"a code of {self.user_id}"


class ExpiringQuerySet(models.QuerySet["SignInLink"]):
    def valid(self, now: datetime | None = None) -> Self:
        return self.filter(until__gt=now or timezone.now(), used_at=None)


class SignInLink(models.Model):
    """A link that signs one other browser in, once. Only the digest of its token is stored.

    A link of a device is granted by that device when the other browser asks. A recovery link comes
    from an operator and needs nobody's consent.
    """

    class Kind(models.TextChoices):
        DEVICE = "device"
        RECOVERY = "recovery"

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind)
    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_links")
    until = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    # The device that made the link: only it may grant.
    device_id = models.BigIntegerField(null=True)
    # Who asks: what kind of browser, from which address, and the digest of its secret.
    asked_by = models.CharField(max_length=LABEL_MAX_LENGTH, blank=True)
    asked_from = models.CharField(max_length=64, blank=True)
    asker_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    granted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    objects = ExpiringQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} link of {self.user_id}"


class UsedChallenge(models.Model):
    """A challenge of WebAuthn that was answered: a second answer to it is a replay."""

    digest = models.CharField(max_length=DIGEST_LENGTH, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:8]


class CarriedOver(models.Model):
    """A former guest whose messages belong to an account now. The messages keep their author id."""

    # Without constraints, because adding them would lock the table of members.
    guest = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, db_constraint=False, related_name="carried_over"
    )
    account = models.ForeignKey(
        Member, models.CASCADE, db_constraint=False, related_name="former_guests"
    )
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.guest_id} is {self.account_id}"
