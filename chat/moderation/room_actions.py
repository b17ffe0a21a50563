"""Rooms that people make: created, changed, archived and deleted here.

Each function is called in a transaction of the caller's or opens one; the audit record and the
numbers that nodes poll are written with the change.
"""

import re
import secrets
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts import change_numbers, site_settings
from ..accounts.permissions import Role
from ..errors import Forbidden, InvalidText, RateLimited
from ..messages.text import clean_line, is_visible
from ..rooms import memberships
from ..rooms.models import DirectRoom, Membership, ReadMark, Room, RoomHead, RoomInvitation
from . import guest_limits, room_rules
from .audit import record
from .authorization import Actor
from .models import AuditEntry, Report
from .room_permissions import require_manager, require_not_lobby, require_owner

NAME_MAX_LENGTH = 64
# What people may make; direct rooms are opened in another way (rooms/direct_rooms.py).
KINDS = {Room.Kind.PUBLIC.value, Room.Kind.PRIVATE.value}
# A key is an address; the rest of a long name is left out.
_SLUG_MAX = 40
_DAY = timedelta(days=1)


def create(*, actor: Actor, name: str, kind: str, topic: str = "", key: str = "") -> Room:
    """A new room, which the actor owns. A private room's key cannot be guessed from its name."""
    name, topic = _clean_name(name), clean_line(topic, settings.TOPIC_MAX_LENGTH)
    _check_kind(kind)
    _check_may_create(actor)
    try:
        return _create(actor, name, kind, topic, key or _free_key(name, kind))
    except IntegrityError:
        if key:
            raise
        # Someone else took the key at the same moment.
        return _create(actor, name, kind, topic, _own_key(name))


def _create(actor: Actor, name: str, kind: str, topic: str, key: str) -> Room:
    with transaction.atomic():
        room = room_rules.open_room(
            key=key, name=name, kind=kind, topic=topic, created_by=actor.member
        )
        if actor.member is not None:
            memberships.add(room, [actor.member.pk], Membership.Role.OWNER)
        record(actor, AuditEntry.Action.OPENED_ROOM, room=room, name=name, kind=kind)
    return room


def update(
    *,
    actor: Actor,
    room: Room,
    name: str | None = None,
    topic: str | None = None,
    kind: str | None = None,
    inviters: str | None = None,
) -> None:
    """Give the room another name, topic, kind or rule for invitations; None leaves it as it is."""
    require_manager(actor, room)
    wanted: dict[str, str] = {}
    if name is not None:
        wanted["name"] = _clean_name(name)
    if topic is not None:
        wanted["topic"] = clean_line(topic, settings.TOPIC_MAX_LENGTH)
    if kind is not None and kind != room.kind:
        _check_kind(kind)
        require_not_lobby(room)
        require_owner(actor, room)
        wanted["kind"] = kind
    if inviters is not None:
        wanted["inviters"] = Room.Inviters(inviters).value
    with transaction.atomic():
        before = _locked(room)
        changed = {field: new for field, new in wanted.items() if getattr(before, field) != new}
        if not changed:
            return
        Room.objects.filter(pk=room.pk).update(**changed)
        was = {field: getattr(before, field) for field in changed}
        record(actor, AuditEntry.Action.CHANGED_ROOM, room=room, before=was, now=changed)
        change_numbers.record_access_changes([(room.pk, None)])
        if "kind" in changed:
            change_numbers.record_moderation_change()


def archive(*, actor: Actor, room: Room, archived: bool = True) -> None:
    """Close the room to writing, or open it again. Doing it twice changes nothing."""
    require_owner(actor, room)
    require_not_lobby(room)
    with transaction.atomic():
        if _locked(room).is_archived == archived:
            return
        Room.objects.filter(pk=room.pk).update(archived_at=timezone.now() if archived else None)
        done = AuditEntry.Action.ARCHIVED_ROOM if archived else AuditEntry.Action.UNARCHIVED_ROOM
        record(actor, done, room=room)
        change_numbers.record_access_changes([(room.pk, None)])
        change_numbers.record_moderation_change()


def delete(*, actor: Actor, room: Room, name: str) -> None:
    """Delete the room for good; `name` is typed, so that nobody does it by accident.

    From here on it exists for nobody. Its texts are deleted afterwards, in small steps
    (maintenance/deleted_rooms.py).
    """
    require_owner(actor, room)
    require_not_lobby(room)
    if " ".join(name.split()) != room.name:
        raise InvalidText(gettext("Type the name of the room to delete it."))
    with transaction.atomic():
        _locked(room)
        Room.objects.filter(pk=room.pk).update(kind=Room.Kind.DELETED, topic="")
        Report.objects.filter(room=room, closed_at=None).update(closed_at=timezone.now())
        for rows in (Membership, ReadMark, RoomInvitation, DirectRoom):
            rows._default_manager.filter(room=room).delete()
        log = RoomHead.objects.select_for_update(no_key=True).filter(room=room).first()
        record(
            actor, AuditEntry.Action.DELETED_ROOM, room=room, name=room.name, head=log and log.head
        )
        change_numbers.record_access_changes([(room.pk, None)])
        change_numbers.record_moderation_change()


def _locked(room: Room) -> Room:
    return Room.objects.select_for_update(no_key=True).get(pk=room.pk)


def _clean_name(name: str) -> str:
    name = clean_line(name, NAME_MAX_LENGTH)
    if not is_visible(name):
        raise InvalidText(gettext("Give the room a name."))
    return name


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InvalidText(gettext("A room is public or private."))


def why_not_create(role: Role) -> str:
    """Why the site does not let members of this role make rooms; empty if it does."""
    makers = site_settings.current().rooms_created_by
    if makers == "moderators" and role not in (Role.MODERATOR, Role.OWNER):
        return gettext("Only moderators make rooms here. Ask one of them for a room.")
    if makers == "accounts" and role == Role.GUEST:
        return gettext("Only people with accounts make rooms here. Keep your name to get one.")
    return ""


def _check_may_create(actor: Actor) -> None:
    """Forbidden or RateLimited unless the actor may make one more room today."""
    if actor.member is None:
        return
    role = actor.member.role
    guest_limits.check(actor.member)
    if refused := why_not_create(role):
        raise Forbidden(refused)
    most = settings.ROOMS_PER_DAY_GUESTS if role == Role.GUEST else settings.ROOMS_PER_DAY
    today = Room.objects.filter(
        created_by=actor.member, created_at__gt=timezone.now() - _DAY
    ).exclude(kind=Room.Kind.DIRECT)
    if settings.RATE_LIMITS and today.count() >= most:
        raise RateLimited(
            gettext("You may make {count} rooms a day. Try again tomorrow.").format(count=most),
            retry_ms=int(_DAY.total_seconds() * 1000),
        )


def _free_key(name: str, kind: str) -> str:
    slug = _slug(name)
    if kind == Room.Kind.PUBLIC and slug and not Room.objects.filter(key=slug).exists():
        return slug
    return _own_key(name)


def _own_key(name: str) -> str:
    """A key that no other room has."""
    return f"{_slug(name) or 'room'}-{secrets.token_hex(4)}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_MAX].strip("-")
