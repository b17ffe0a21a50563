"""Invitations: links into a room. They expire, may be used so often, and can be revoked."""

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from ..accounts.models import Member
from ..errors import Forbidden, NotFound
from ..rooms import access, memberships
from ..rooms.models import Room, RoomInvitation
from .audit import record
from .authorization import Actor
from .invitation_links import DEFAULT_SECONDS, hash_of, is_valid, make_link, not_valid
from .models import AuditEntry
from .room_permissions import require_inviter, require_manager


def create(
    *,
    actor: Actor,
    room: Room,
    uses: int | None = None,
    seconds: int = DEFAULT_SECONDS,
) -> tuple[RoomInvitation, str]:
    """A new invitation and its token, which is not stored: only its hash is."""
    require_inviter(actor, room)
    link = make_link(uses, seconds)
    with transaction.atomic():
        # Locked, so that two at once do not exceed the limit.
        Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if _valid().filter(room=room).count() >= settings.INVITATIONS_PER_ROOM:
            raise Forbidden(gettext("This room has too many invitations. Revoke one first."))
        invitation = RoomInvitation.objects.create(
            room=room,
            token_hash=link.token_hash,
            creator=actor.member,
            expires_at=link.expires_at,
            uses_left=uses,
        )
        record(actor, AuditEntry.Action.INVITED, room=room, invitation=invitation.pk)
    return invitation, link.token


def listed(*, actor: Actor, room: Room) -> list[RoomInvitation]:
    """The valid invitations of the room, the newest first: one's own, or for managers all."""
    require_inviter(actor, room)
    found = _valid().filter(room=room)
    try:
        require_manager(actor, room)
    except Forbidden:
        found = found.filter(creator=actor.member)
    return list(found.select_related("creator").order_by("-pk"))


def revoke(*, actor: Actor, invitation_id: int) -> None:
    """End an invitation: one's own, or as a manager any of the room. Twice does no harm."""
    invitation = RoomInvitation.objects.filter(pk=invitation_id).select_related("room").first()
    member_id = actor.member.pk if actor.member else None
    if invitation is None or (
        actor.member is not None and not _is_seen(invitation.room, member_id)
    ):
        raise NotFound(gettext("There is no such invitation."))
    if invitation.creator_id is None or invitation.creator_id != member_id:
        require_manager(actor, invitation.room)
    with transaction.atomic():
        fresh = RoomInvitation.objects.filter(pk=invitation_id, revoked_at=None)
        if fresh.update(revoked_at=timezone.now()):
            record(actor, AuditEntry.Action.REVOKED, room=invitation.room, invitation=invitation_id)


def revoke_all(room: Room) -> None:
    """End all invitations of the room: someone who is removed may know them."""
    RoomInvitation.objects.filter(room=room, revoked_at=None).update(revoked_at=timezone.now())


def invitation_of(token: str) -> RoomInvitation:
    """The invitation of a link. NotFound if it is unknown, used, revoked or expired: all look the
    same.
    """
    found = _valid().filter(token_hash=hash_of(token)).select_related("room").first()
    if found is None:
        raise not_valid()
    return found


def take(*, member: Member, token: str) -> Room:
    """Make the member one of the room. A member of it uses nothing up."""
    invitation = invitation_of(token)
    room = invitation.room
    if access.membership(room, member.pk) is not None:
        return room
    with transaction.atomic():
        mine = _valid().filter(pk=invitation.pk)
        # Of two who use it for the last time at once, one gets in.
        if not mine.update(uses_left=F("uses_left") - 1):
            raise not_valid()
        memberships.add(room, [member.pk])
    return room


def _valid() -> QuerySet[RoomInvitation]:
    return RoomInvitation.objects.filter(
        is_valid(),
        room__archived_at=None,
        room__kind__in=[Room.Kind.PUBLIC, Room.Kind.PRIVATE],
    )


def _is_seen(room: Room, member_id: int | None) -> bool:
    try:
        access.require(room, member_id)
    except NotFound:
        return False
    return True
