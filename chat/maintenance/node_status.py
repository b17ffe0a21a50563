"""Node status: each node writes a row every ten seconds, without Redis."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone

from .models import NodeBeat

BEAT_SECONDS = 10
GONE_SECONDS = 3 * BEAT_SECONDS
# The row of a node that has been gone for so long is deleted.
FORGOTTEN_SECONDS = 86_400


def beat(said: NodeBeat) -> None:
    """Say it, in place of what this node said before."""
    now = timezone.now()
    said.at = now
    NodeBeat.objects.bulk_create(
        [said],
        update_conflicts=True,
        unique_fields=["node"],
        update_fields=["at", "connections", "members", "rooms", "head_lag", "degraded"],
    )
    NodeBeat.objects.filter(at__lt=now - timedelta(seconds=FORGOTTEN_SECONDS)).delete()


def beats_of(node_ids: Collection[str] | None = None) -> dict[str, datetime]:
    """When each of these nodes, or of all, has spoken last."""
    beats = NodeBeat.objects.all()
    if node_ids is not None:
        beats = beats.filter(node__in=node_ids)
    return dict(beats.values_list("node", "at"))


def leave(node: str) -> None:
    """A node that was stopped in order is not missed."""
    NodeBeat.objects.filter(node=node).delete()


def all_beats() -> list[tuple[NodeBeat, bool]]:
    """Each node's last word, and whether it is still there; without those that were replaced."""
    gone = timezone.now() - timedelta(seconds=GONE_SECONDS)
    beats = NodeBeat.objects.order_by("node")
    there = [beat for beat in beats if beat.at > gone]
    return [
        (beat, beat.at > gone)
        for beat in beats
        if not any(_replaced(beat, other) for other in there)
    ]


def _replaced(silent: NodeBeat, other: NodeBeat) -> bool:
    """Whether the other took the silent one's name up, rather than bore it beside it."""
    return _name(silent) == _name(other) and silent.at < other.started_at


def _name(beat: NodeBeat) -> str:
    return beat.node.rpartition(".")[0] or beat.node
