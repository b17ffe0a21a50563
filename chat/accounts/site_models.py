"""The tables of the site as a whole: its settings, and how people come in: invitations, rules that
they accepted, the queue of those who wait.
"""

from datetime import datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .models import Member

ONLY_ROW = 1
TEXT_MAX_LENGTH = 4000
NOTE_MAX_LENGTH = 280
REASON_MAX_LENGTH = 500
DIGEST_LENGTH = 64

_is_domain = RegexValidator(r"\A[a-z0-9-]+(\.[a-z0-9-]+)+\Z", "Write a domain: example.org")


def check_domains(text: str) -> None:
    for domain in text.split():
        _is_domain(domain)


class SiteSettings(models.Model):
    """What an owner decided about the site: one row. What is empty is decided by the environment,
    or by the default.
    """

    class ComesIn(models.TextChoices):
        ANYONE = "anyone", "anyone, by a name"
        INVITED = "invited", "by invitation"
        ACCOUNTS = "accounts", "accounts only"
        SINGLE_SIGN_ON = "sso", "single sign-on only"

    class RoomsCreatedBy(models.TextChoices):
        EVERYONE = "everyone", "everyone"
        ACCOUNTS = "accounts", "accounts and moderators"
        MODERATORS = "moderators", "moderators"

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    name = models.CharField(max_length=64, blank=True, help_text="Empty: SITE_NAME.")
    picture = models.BinaryField(
        null=True,
        blank=True,
        editable=True,
        help_text="PNG, JPEG or WebP, square, at most 256 KiB. None: SITE_PICTURE.",
    )
    who_may_come_in = models.CharField(
        max_length=8,
        choices=ComesIn,
        default=ComesIn.ANYONE,
        help_text="Who is in already stays in.",
    )
    allowed_domains = models.TextField(
        blank=True,
        validators=[check_domains],
        help_text="Single sign-on: only addresses of these domains, one a line. None: all.",
    )
    approval = models.BooleanField(
        default=False,
        help_text="Newcomers wait until a moderator lets them in. Invited ones do not.",
    )
    guests_read_only = models.BooleanField(
        default=False, help_text="Guests read; who keeps the name writes."
    )
    visitors_read = models.BooleanField(
        default=True, help_text="People without a name read public rooms."
    )
    rooms_created_by = models.CharField(
        "who may make rooms",
        max_length=10,
        choices=RoomsCreatedBy,
        blank=True,
        help_text="Empty: ROOMS_CREATED_BY.",
    )
    welcome = models.TextField(
        max_length=TEXT_MAX_LENGTH,
        blank=True,
        help_text="Shown to those who join, and in the lobby while it is empty.",
    )
    rules = models.TextField(
        max_length=TEXT_MAX_LENGTH,
        blank=True,
        help_text="Accepted by everyone who joins. Another text is asked for again.",
    )
    rules_version = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(condition=Q(id=ONLY_ROW), name="one_row_of_site_settings")
        ]

    def __str__(self) -> str:
        return "site settings"

    def clean(self) -> None:
        if self.allowed_domains and self.who_may_come_in != self.ComesIn.SINGLE_SIGN_ON:
            raise ValidationError(
                {"allowed_domains": "Domains count with single sign-on only. Clear them."}
            )


class SiteInvitation(models.Model):
    """A link into the site. The token is shown once; its hash is kept."""

    token_hash = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False)
    # Without a constraint, because adding it would lock the table of members.
    creator = models.ForeignKey(
        Member, models.SET_NULL, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    uses_left = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: any number.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"into the site until {self.expires_at}"


class RulesAccepted(models.Model):
    """A member accepted the rules in this version."""

    # Without a constraint, because adding it would lock the table of members.
    member = models.ForeignKey(
        Member, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    version = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "version"], name="rules_accepted_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} accepted version {self.version}"


class NewcomerQuerySet(models.QuerySet["Newcomer"]):
    def unexpired(self, now: datetime | None = None) -> Self:
        return self.filter(until__gt=now or timezone.now())

    def waiting(self) -> Self:
        """Those about whom nobody has decided yet, the first one first."""
        return self.unexpired().filter(decision="").order_by("pk")


class Newcomer(models.Model):
    """Someone who asked to come in and waits for a moderator. Their browser holds the secret."""

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REFUSED = "refused"

    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True, editable=False)
    name = models.CharField(max_length=64)
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    address_hash = models.CharField(max_length=32, blank=True, editable=False)
    rules_version = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(db_index=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # Who they are since they came in. A plain id, as of something that is over.
    member_id = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = NewcomerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
