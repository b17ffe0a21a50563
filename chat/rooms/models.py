import secrets
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from ..accounts.models import Member

LOBBY = "lobby"


def new_epoch() -> str:
    """A random name for a new life of a log, so that two lives never share one."""
    return secrets.token_hex(4)


class RoomQuerySet(models.QuerySet["Room"]):
    def ruled(self) -> Self:
        """Rooms that are locked, slow or archived."""
        return self.filter(_RULED)


_RULED = Q(locked=True) | Q(slow_seconds__gt=0) | Q(archived_at__isnull=False)


class Room(models.Model):
    """A place to talk with one numbered log. rooms/access.py decides who may see it."""

    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"
        # The row stays: the audit record names it.
        DELETED = "deleted"

    class Inviters(models.TextChoices):
        MEMBERS = "members", "every member"
        MODERATORS = "moderators", "owners and moderators of the room"

    key = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Lower-case letters and digits.")
        ],
        help_text="The room's address: /rooms/key/",
    )
    name = models.CharField(max_length=64)
    topic = models.CharField(max_length=250, blank=True, default="", db_default="")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PUBLIC)
    created_at = models.DateTimeField(auto_now_add=True)
    # Without a constraint, because adding it would lock the table of members.
    created_by = models.ForeignKey(
        Member,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="rooms_created",
        db_constraint=False,
    )
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when nothing is written here any more."
    )
    inviters = models.CharField(
        max_length=10,
        choices=Inviters,
        default=Inviters.MEMBERS,
        db_default=Inviters.MEMBERS,
        help_text="Who adds members and makes invitations.",
    )
    locked = models.BooleanField(
        default=False, db_default=False, help_text="Only moderators write here."
    )
    slow_seconds = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Each member may post once in so many seconds; 0: no limit.",
    )

    objects = RoomQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=_RULED, name="rooms_with_rules"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


def is_room_key(key: str) -> bool:
    return len(key) <= 64 and key.isascii() and key.replace("-", "").isalnum()


class RoomHead(models.Model):
    """Where a room's log ends. Numbers are given under the lock of this row.

    It is a row of its own, so that numbering never locks or changes the room's row.
    """

    room = models.OneToOneField(Room, models.CASCADE, primary_key=True, related_name="log")
    head = models.BigIntegerField(default=0, help_text="The last number given.")
    head_id = models.UUIDField(null=True, help_text="The id of the row that holds it.")
    floor = models.BigIntegerField(default=0, help_text="Numbers up to this one were pruned.")
    epoch = models.CharField(max_length=8, default=new_epoch, help_text="Which life of the log.")
    last_at = models.DateTimeField(
        null=True, help_text="When the last number was given: no later number is earlier."
    )
    posted = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="Counts messages and never goes back; only differences mean something.",
    )

    def __str__(self) -> str:
        return f"{self.room_id}: {self.head}"


class ReadMark(models.Model):
    """How far a member has read in a room.

    What is unread is how much further the head's `posted` is than the mark's.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="read_marks")
    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    posted = models.BigIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "room"], name="one_read_mark_per_room")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.room_id}: {self.seq}"


class Membership(models.Model):
    """A member who joined a room, or was added. A private or direct room is for its members."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"

    class Notify(models.TextChoices):
        ALL = "all"
        MENTIONS = "mentions"
        NONE = "none"

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=9, choices=Role, default=Role.MEMBER)
    notify = models.CharField(max_length=8, choices=Notify, default=Notify.ALL)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "member"], name="one_membership_per_room")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.room_id}: {self.role}"


class DirectRoom(models.Model):
    """The one direct room of a set of members, which never changes."""

    room = models.OneToOneField(Room, models.CASCADE, primary_key=True, related_name="direct")
    member_set = models.CharField(
        max_length=200, unique=True, help_text="The ids of its members in order: 3-17-20."
    )

    def __str__(self) -> str:
        return self.member_set


class RoomInvitation(models.Model):
    """A link into a room. The token is shown once; its hash is kept."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    creator = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    uses_left = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: any number.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"into {self.room_id} until {self.expires_at}"
