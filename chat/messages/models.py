import uuid
from typing import Self

from django.db import models
from django.utils import timezone

from ..accounts.models import Member
from ..rooms.models import Room


class MessageQuerySet(models.QuerySet["Message"]):
    def in_room(self, room_id: int) -> Self:
        return self.filter(room_id=room_id)

    def changed_between(self, after: int, upto: int) -> Self:
        """Messages posted or changed after `after`, up to `upto`; each once, as it is now."""
        return self.filter(updated_seq__gt=after, updated_seq__lte=upto).order_by("updated_seq")

    def before(self, seq: int) -> Self:
        """Older than `seq`, newest first."""
        return self.filter(seq__lt=seq).order_by("-seq")


class Message(models.Model):
    """A message. It keeps its number in the room's log for ever, as a tombstone if deleted."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    updated_seq = models.BigIntegerField(help_text="The number of its last change.")
    author = models.ForeignKey(Member, models.PROTECT, related_name="messages", db_index=False)
    author_name = models.CharField(max_length=64, help_text="The author's name at the time.")
    client_id = models.CharField(max_length=64)
    body = models.TextField()
    reply_to = models.BigIntegerField(null=True, blank=True, help_text="The seq it answers.")
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    reactions = models.JSONField(
        null=True, blank=True, help_text='[{"emoji": …, "members": [{"id": …, "name": …}, …]}, …]'
    )
    mentions = models.JSONField(
        null=True,
        blank=True,
        help_text='Whom the text names: [{"id": …, "text": …}, …]; nothing where it was not asked.',
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_message_per_seq"),
            models.UniqueConstraint(fields=["room", "updated_seq"], name="one_message_per_change"),
            # The author first, so that the same index finds all messages of a member.
            models.UniqueConstraint(
                fields=["author", "room", "client_id"], name="one_message_per_client_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_name}: {self.body[:40]}"


class Change(models.Model):
    """An edit, deletion, hiding by a moderator, restoration or reaction.

    It takes one number of its room's log.
    """

    class Kind(models.TextChoices):
        EDITED = "edited"
        DELETED = "deleted"
        HIDDEN = "hidden"
        RESTORED = "restored"
        REACTED = "reacted"

    room = models.ForeignKey(Room, models.PROTECT, related_name="changes", db_index=False)
    seq = models.BigIntegerField()
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    message = models.ForeignKey(Message, models.PROTECT, related_name="changes")
    actor = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    replaced = models.JSONField(
        null=True, blank=True, help_text="What it replaced, for moderators and for undoing."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_change_per_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id} at {self.seq}"


class InboxHead(models.Model):
    """Where a member's inbox ends, and how far they have read it."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="inbox")
    head = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)
    # Counts what changed otherwise: items that were read one by one, or whose messages are gone.
    changes = models.BigIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.head}"


class InboxItem(models.Model):
    """A message that mentions a member, or answers them. The message is named by its number."""

    class Kind(models.TextChoices):
        MENTION = "mention"
        REPLY = "reply"

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    is_read = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "number"], name="one_inbox_item_per_number")
        ]
        indexes = [models.Index(fields=["room", "seq"], name="inbox_items_of_message")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id}: {self.room_id}/{self.seq}"
