"""Opening rooms, and what holds in them."""

from django.db import transaction

from ..errors import InvalidText
from ..models import AuditEntry, Power, Room, RoomHead
from . import standing
from .acting import Actor, record

# Whoever may speak once an hour only is muted rather than slowed.
SLOW_MAX_SECONDS = 3600


def open_room(*, key: str, name: str, kind: str = Room.Kind.PUBLIC) -> Room:
    """A new room with an empty log: without its head nothing can be said in it."""
    with transaction.atomic():
        room = Room.objects.create(key=key, name=name, kind=kind)
        RoomHead.objects.create(room=room)
    return room


def set_rules(
    *, actor: Actor, room: Room, rules: standing.RoomRules, reason: str = ""
) -> standing.RoomRules:
    """Lock or slow a room, or set it free. The same rules again change nothing."""
    actor.demand(Power.SET_RULES)
    if not 0 <= rules.slow_seconds <= SLOW_MAX_SECONDS:
        raise InvalidText(f"Slow mode is between 0 and {SLOW_MAX_SECONDS} seconds.")
    with transaction.atomic():
        room = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if standing.RoomRules.of(room) != rules:
            Room.objects.filter(pk=room.pk).update(
                locked=rules.locked, slow_seconds=rules.slow_seconds
            )
            record(
                actor,
                AuditEntry.Action.RULED,
                room=room,
                reason=reason,
                locked=rules.locked,
                slow_seconds=rules.slow_seconds,
            )
            standing.changed()
    return rules
