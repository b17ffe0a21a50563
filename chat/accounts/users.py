from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from .models import Member


class User(AbstractUser):
    """The account of a member who keeps the name, or someone of the admin (docs/adr/0030, 0048).

    The tables are those of Django's own user model, which it replaced. An account's role is its
    member's; `is_staff` and `is_superuser` follow it (account_roles.py).
    """

    # Of the type that the column has, and first among the fields.
    id = models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
    member = models.OneToOneField(
        Member,
        models.PROTECT,
        # Without a constraint, because adding it would lock the table of members.
        db_constraint=False,
        null=True,
        blank=True,
        editable=False,
        related_name="user",
        help_text="Who this is in the rooms; empty for those who only use the admin.",
    )

    class Meta(AbstractUser.Meta):
        db_table = "auth_user"

    def __str__(self) -> str:
        return self.member.name if self.member else super().__str__()

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """A session of the admin ends with the sessions of the member."""
        if self.member is None:
            plain: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
            return plain
        value = f"{self.password}:{self.member.session}"
        return salted_hmac("chat.user", value, secret=secret, algorithm="sha256").hexdigest()
