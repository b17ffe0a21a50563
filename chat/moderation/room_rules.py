"""Opening rooms, and what holds in them."""

from django.db import transaction

from ..accounts import change_numbers
from ..accounts.permissions import Permission
from ..errors import InvalidText
from ..rooms.models import Room, RoomHead
from . import moderation_state
from .authorization import Actor, record
from .models import AuditEntry

# Whoever may speak once an hour only is muted rather than slowed.
SLOW_MAX_SECONDS = 3600


def open_room(*, key: str, name: str, kind: str = Room.Kind.PUBLIC) -> Room:
    """A new room with an empty log: without its head nothing can be said in it."""
    with transaction.atomic():
        room = Room.objects.create(key=key, name=name, kind=kind)
        RoomHead.objects.create(room=room)
    return room


def open_by(*, actor: Actor, key: str, name: str, kind: str) -> Room:
    """The same, by someone who may."""
    actor.require(Permission.SET_RULES)
    with transaction.atomic():
        room = open_room(key=key, name=name, kind=kind)
        record(actor, AuditEntry.Action.OPENED_ROOM, room=room)
    return room


def rename(*, actor: Actor, room: Room, name: str, kind: str) -> None:
    """Give the room another name or kind. Its key stays: it is in links."""
    actor.require(Permission.SET_RULES)
    with transaction.atomic():
        before = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if (before.name, before.kind) != (name, kind):
            Room.objects.filter(pk=room.pk).update(name=name, kind=kind)
            if before.kind != kind:
                change_numbers.record_moderation_change()
            record(
                actor,
                AuditEntry.Action.CHANGED_ROOM,
                room=room,
                name=name,
                kind=kind,
                before={"name": before.name, "kind": before.kind},
            )


def set_rules(
    *, actor: Actor, room: Room, rules: moderation_state.RoomRules, reason: str = ""
) -> moderation_state.RoomRules:
    """Lock or slow a room, or set it free. The same rules again change nothing."""
    actor.require(Permission.SET_RULES)
    if not 0 <= rules.slow_seconds <= SLOW_MAX_SECONDS:
        raise InvalidText(f"Slow mode is between 0 and {SLOW_MAX_SECONDS} seconds.")
    with transaction.atomic():
        room = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if moderation_state.RoomRules.of(room) != rules:
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
            change_numbers.record_moderation_change()
    return rules
