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
        """Rooms that are locked or slow."""
        return self.filter(Q(locked=True) | Q(slow_seconds__gt=0))


class Room(models.Model):
    """A place to talk with one numbered log. rooms/access.py decides who may see it."""

    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"

    key = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Lower-case letters and digits.")
        ],
        help_text="The room's address: /rooms/key/",
    )
    name = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PUBLIC)
    created_at = models.DateTimeField(auto_now_add=True)
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
            models.Index(
                fields=["id"], condition=Q(locked=True) | Q(slow_seconds__gt=0), name="ruled_rooms"
            )
        ]

    def __str__(self) -> str:
        return self.name


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
