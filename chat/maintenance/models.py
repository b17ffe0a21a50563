from django.db import models
from django.utils import timezone


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
