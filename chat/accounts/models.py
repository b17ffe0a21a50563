import secrets
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .names import canonical_name
from .permissions import Role

# A member's first session has a number below this, and each later one the next.
FIRST_SESSIONS = 2**30


def first_session() -> int:
    """A random number. In a restored or fresh database a new member may get an old id, and an old
    cookie for that id must not be valid.
    """
    return secrets.randbelow(FIRST_SESSIONS) + 1


# Nodes record once a minute who is connected to them; after a node dies, its records expire.
CONNECTED_SECONDS = 150


class MemberQuerySet(models.QuerySet["Member"]):
    def live(self) -> Self:
        """Members who hold their name."""
        return self.filter(released_at=None)

    def called(self, beginning: str) -> Self:
        """Present and past members whose names begin with this text or with a confusable one."""
        return self.filter(canonical_name__startswith=canonical_name(beginning))

    def gone(self) -> Self:
        """Guests absent for so long that their name is free. Moderators and owners keep theirs."""
        absent_since = timezone.now() - timedelta(seconds=settings.GUEST_NAME_SECONDS)
        guests = self.live().filter(kind=Member.Kind.GUEST, office="")
        return guests.filter(last_seen_at__lt=absent_since)


class Member(models.Model):
    """Someone who talks, under a name that nobody else holds at the same time."""

    class Kind(models.TextChoices):
        GUEST = "guest"
        ACCOUNT = "account"

    class Office(models.TextChoices):
        MODERATOR = Role.MODERATOR.value
        OWNER = Role.OWNER.value

    name = models.CharField(max_length=64)
    canonical_name = models.CharField(
        max_length=128, help_text="Equal for names that look alike (chat/accounts/names.py)."
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.GUEST)
    session = models.PositiveIntegerField(
        default=first_session, help_text="Cookies that carry another number have ended."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(default=timezone.now)
    connected_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When a socket of theirs was last seen open; empty once all are closed.",
    )
    released_at = models.DateTimeField(
        null=True, blank=True, help_text="When the name was given back; empty while it is held."
    )

    office = models.CharField(
        max_length=9,
        choices=Office,
        blank=True,
        default="",
        db_default="",
        help_text="Moderator or owner; empty for everyone else.",
    )
    muted_until = models.DateTimeField(null=True, blank=True)
    address_hash = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Where the member was last seen, as a keyed hash: for bans.",
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["canonical_name"],
                condition=Q(released_at=None),
                name="one_live_member_per_name",
            )
        ]
        indexes = [
            # For searches by the beginning of a name: PostgreSQL's default order cannot serve them.
            models.Index(
                fields=["canonical_name"],
                opclasses=["varchar_pattern_ops"],
                name="members_by_name",
            ),
            models.Index(fields=["office"], condition=~Q(office=""), name="members_with_an_office"),
            models.Index(
                fields=["muted_until"],
                condition=Q(muted_until__isnull=False),
                name="members_once_muted",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_connected(self) -> bool:
        """Whether a socket of theirs is open on some node, as of the nodes' last records."""
        known_since = timezone.now() - timedelta(seconds=CONNECTED_SECONDS)
        return self.connected_at is not None and self.connected_at > known_since

    @property
    def keeps_name(self) -> bool:
        """Whether they keep the name during any absence."""
        return bool(self.office) or self.kind != self.Kind.GUEST

    @property
    def role(self) -> Role:
        return Role(self.office) if self.office else self.role_without_office

    @property
    def role_without_office(self) -> Role:
        return Role.MEMBER if self.kind == self.Kind.ACCOUNT else Role.GUEST


class ChangeNumbers(models.Model):
    """One row with three numbers, each raised by every change (change_numbers.py).

    `count` is the moderation version: of roles, mutes, bans, kinds and rules of rooms, and open
    reports. `sessions` counts ended sessions, and changed names and profiles. `access` counts
    changes of rooms and memberships.
    """

    count = models.BigIntegerField(default=0)
    sessions = models.BigIntegerField(default=0, db_default=0)
    access = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        # The name that the table has always had: nodes of two versions share it during an update.
        db_table = "chat_rulings"

    def __str__(self) -> str:
        return str(self.count)


class SessionChange(models.Model):
    """A member whose session ended, or whose name or profile changed. Only the newest are kept."""

    number = models.BigIntegerField(primary_key=True)
    # Without a constraint, because adding it would lock the table of members.
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    def __str__(self) -> str:
        return f"{self.number}: {self.member_id}"


class AccessChange(models.Model):
    """A room that changed, or with a member, a membership. Only the newest rows are kept."""

    number = models.BigIntegerField(primary_key=True)
    # Plain ids: a room or member that is gone is a change too.
    room_id = models.BigIntegerField()
    member_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.number}: {self.member_id or 'everyone'} in {self.room_id}"


class MemberBlock(models.Model):
    """The member does not want to hear from the other one: no direct messages, no mentions."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(Member, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "blocked"], name="one_block_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} blocks {self.blocked_id}"
