"""The table of single sign-on: which account belongs to whom at the provider."""

from django.db import models
from django.utils import timezone

from .users import User

# OpenID Connect gives a subject 255 characters; an issuer is an address.
SUBJECT_MAX_LENGTH = 255
ISSUER_MAX_LENGTH = 255


class SsoIdentity(models.Model):
    """Someone at a provider of single sign-on, whom the provider signs in to one account here."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sso_identities")
    issuer = models.CharField(max_length=ISSUER_MAX_LENGTH)
    subject = models.CharField(max_length=SUBJECT_MAX_LENGTH)
    role_given = models.CharField(
        max_length=9,
        blank=True,
        default="",
        help_text="The role that the account has by groups of the provider; empty if by hand.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], name="one_account_per_sso_identity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"
