"""Rooms are opened, renamed, locked and slowed here."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from ..accounts import change_numbers
from ..accounts.permissions import Permission
from ..errors import InvalidText
from ..rooms.models import Room, RoomHead
from . import moderation_state
from .audit import record
from .authorization import Actor
from .models import AuditEntry
from .room_permissions import require_manager

# A longer interval would be a mute.
SLOW_MAX_SECONDS = 3600


def open_room(*, key: str, name: str, kind: str = Room.Kind.PUBLIC, **more: Any) -> Room:
    """A new room with an empty log. Its head row is made with it: the commit locks that row."""
    with transaction.atomic():
        room = Room.objects.create(key=key, name=name, kind=kind, **more)
        RoomHead.objects.create(room=room)
        change_numbers.record_access_changes([(room.pk, None)])
    return room


def rename(*, actor: Actor, room: Room, name: str, kind: str) -> None:
    """Give the room another name or kind. Its key stays, because links contain it."""
    actor.require(Permission.SET_RULES)
    with transaction.atomic():
        before = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if (before.name, before.kind) != (name, kind):
            Room.objects.filter(pk=room.pk).update(name=name, kind=kind)
            change_numbers.record_access_changes([(room.pk, None)])
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
    """Lock, unlock or slow a room. Setting the same rules again changes and records nothing."""
    require_manager(actor, room)
    if not 0 <= rules.slow_seconds <= SLOW_MAX_SECONDS:
        raise InvalidText(
            gettext("Slow mode is between 0 and {most} seconds.").format(most=SLOW_MAX_SECONDS)
        )
    with transaction.atomic():
        room = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if (room.locked, room.slow_seconds) != (rules.locked, rules.slow_seconds):
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
            # Room lists tell what holds in their rooms.
            change_numbers.record_access_changes([(room.pk, None)])
    return rules
