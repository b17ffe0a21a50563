from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..accounts.account_models import random_id
from ..accounts.models import Member


class NodeBeat(models.Model):
    """The last status report of a node. A node without one for three periods is gone."""

    node = models.CharField(max_length=255, primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now)
    connections = models.PositiveIntegerField(default=0)
    members = models.PositiveIntegerField(default=0)
    rooms = models.PositiveIntegerField(default=0)
    head_lag = models.PositiveIntegerField(
        default=0, help_text="Numbers that the furthest room knows of and has not read."
    )
    degraded = models.BooleanField(default=False, help_text="It hears nothing from Redis.")

    def __str__(self) -> str:
        return self.node


class MemberTask(models.Model):
    """Work for one member in the background: a copy of their data, or their deletion.

    A node takes it for a short while and renews that as it works. If the node is killed, another
    one goes on from `cursor`.
    """

    class Kind(models.TextChoices):
        DOWNLOAD = "download", "copy of the data"
        DELETION = "deletion", "deletion"

    # Random, because it stands in addresses.
    id = models.BigIntegerField(primary_key=True, default=random_id)
    # Without a constraint, because adding it would lock the table of members.
    member = models.ForeignKey(Member, models.CASCADE, db_constraint=False, related_name="tasks")
    kind = models.CharField(max_length=8, choices=Kind)
    keeps_name = models.BooleanField(default=False)
    keeps_texts = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How many messages there are, and how many of them are done.
    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    cursor = models.JSONField(null=True, blank=True, help_text="Where the next step begins.")
    worker = models.CharField(max_length=255, blank=True, help_text="The node that works on it.")
    leased_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True, help_text="Why the last try failed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=Q(finished_at=None),
                name="one_task_of_a_kind_per_member",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id}"


class MemberTaskPart(models.Model):
    """A piece of the file that a download makes: the bytes in order of `number` are a zip file."""

    task = models.ForeignKey(MemberTask, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()
    entries = models.JSONField(help_text="What the zip file's directory will say of this piece.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="one_part_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.number}"
