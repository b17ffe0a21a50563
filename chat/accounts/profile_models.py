"""The tables of profiles: what members say about themselves. Who says nothing has no rows."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .models import Member

PRONOUNS_COLUMN = 64
ABOUT_COLUMN = 512
STATUS_COLUMN = 128
HANDLE_MAX_LENGTH = 32
VERSION_LENGTH = 16


class Profile(models.Model):
    """What a member says about themselves. An empty text is none."""

    # Without a constraint, because adding it would lock the table of members.
    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, db_constraint=False, related_name="profile"
    )
    pronouns = models.CharField(max_length=PRONOUNS_COLUMN, blank=True, default="")
    about = models.CharField(max_length=ABOUT_COLUMN, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="")
    status_emoji = models.CharField(max_length=32, blank=True, default="")
    status_text = models.CharField(max_length=STATUS_COLUMN, blank=True, default="")
    # A status ends by itself: everyone who reads it compares this time with the clock.
    status_until = models.DateTimeField(null=True, blank=True)
    picture = models.CharField(
        max_length=VERSION_LENGTH, blank=True, default="", help_text="The version of the picture."
    )

    def __str__(self) -> str:
        return f"profile of {self.member_id}"

    @property
    def has_status(self) -> bool:
        is_over = self.status_until is not None and self.status_until <= timezone.now()
        return bool(self.status_emoji or self.status_text) and not is_over


class ProfilePicture(models.Model):
    """The picture of a member, as it is served: small, and in a row that nothing else reads."""

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    version = models.CharField(max_length=VERSION_LENGTH)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"picture of {self.member_id}"


class HandleQuerySet(models.QuerySet["Handle"]):
    def in_use(self) -> Self:
        return self.filter(held_until=None)

    def held(self) -> Self:
        """In use, or given up so recently that nobody else may have it."""
        return self.filter(Q(held_until=None) | Q(held_until__gt=timezone.now()))


class Handle(models.Model):
    """A short name for mentions. One that was given up is held back for a while for its member."""

    canonical_name = models.CharField(max_length=128, primary_key=True)
    handle = models.CharField(max_length=HANDLE_MAX_LENGTH)
    # Empty where the member was erased meanwhile.
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, db_constraint=False, related_name="handles"
    )
    held_until = models.DateTimeField(null=True, blank=True)

    objects = HandleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(held_until=None), name="one_handle_per_member"
            )
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"


class FormerName(models.Model):
    """A name that a member had until then: for moderators."""

    member = models.ForeignKey(
        Member, models.CASCADE, db_constraint=False, related_name="former_names"
    )
    name = models.CharField(max_length=64)
    until = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
