"""The members of a room: they join and quit, are added and removed, and get roles."""

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from ..accounts.models import Member, MemberBlock
from ..accounts.permissions import Permission
from ..errors import Forbidden, NotFound
from ..rooms import access, direct_rooms, memberships
from ..rooms.models import DirectRoom, Membership, Room
from . import room_invitations
from .audit import record
from .authorization import Actor
from .models import AuditEntry
from .room_permissions import require_inviter, require_manager, require_not_lobby, require_owner


def join(*, member: Member, room: Room) -> None:
    """Make the member one of a public room. Joining twice does no harm."""
    access.require(room, member.pk)
    with transaction.atomic():
        memberships.add(room, [member.pk])


def quit_room(*, member: Member, room: Room) -> None:
    """End one's own membership. Forbidden for the last owner while others are there."""
    require_not_lobby(room)
    if room.kind == Room.Kind.DIRECT:
        raise Forbidden(
            gettext("A direct conversation cannot be left. Turn its notifications off instead.")
        )
    with transaction.atomic():
        _require_another_owner(room, member.pk)
        memberships.remove(room, member.pk)


def add(*, actor: Actor, room: Room, member_ids: Collection[int]) -> None:
    """Bring these members into the room. Forbidden if one of them has blocked the actor."""
    require_inviter(actor, room)
    found = Member.objects.live().filter(pk__in=member_ids)
    names = dict(found.values_list("pk", "name"))
    if len(names) < len(set(member_ids)):
        raise NotFound(gettext("There is no such member."))
    _require_not_blocked(actor, names)
    with transaction.atomic():
        for member_id in memberships.add(room, list(names)):
            record(actor, AuditEntry.Action.ADDED, room=room, member=Member(pk=member_id))


def remove(*, actor: Actor, room: Room, member: Member, reason: str = "") -> None:
    """End somebody else's membership, whose role in the room must be lower."""
    require_manager(actor, room)
    require_not_lobby(room)
    actor.in_room(room).require(Permission.MUTE, member, room)
    with transaction.atomic():
        if not memberships.remove(room, member.pk):
            raise NotFound(gettext("This member is not in the room."))
        # They may know the links.
        room_invitations.revoke_all(room)
        record(actor, AuditEntry.Action.REMOVED, room=room, member=member, reason=reason)


def appoint(*, actor: Actor, room: Room, member: Member, role: str, reason: str = "") -> None:
    """Give a member of the room another role there; an empty one makes them a plain member."""
    require_owner(actor, room)
    role = role or Membership.Role.MEMBER
    if access.membership(room, member.pk) is None:
        raise NotFound(gettext("This member is not in the room."))
    with transaction.atomic():
        if role != Membership.Role.OWNER:
            _require_another_owner(room, member.pk)
        if memberships.change(room, member.pk, role=role):
            action = (
                AuditEntry.Action.DISMISSED
                if role == Membership.Role.MEMBER
                else AuditEntry.Action.APPOINTED
            )
            record(actor, action, room=room, member=member, reason=reason, role=role)


def set_notify(*, member: Member, room: Room, notify: str) -> None:
    """Set of what the member is notified there. In a public room this joins it."""
    access.require(room, member.pk)
    with transaction.atomic():
        memberships.add(room, [member.pk])
        memberships.change(room, member.pk, notify=notify)


def block(*, member: Member, other: Member) -> None:
    """Hear no more from the other one: the direct room of the two is locked for both."""
    if other.pk == member.pk:
        raise Forbidden(gettext("You cannot block yourself."))
    with transaction.atomic():
        count = MemberBlock.objects.filter(member=member).count()
        if count >= settings.BLOCKS_MAX:
            words = gettext("You may block {count} people. Unblock someone first.")
            raise Forbidden(words.format(count=settings.BLOCKS_MAX))
        MemberBlock.objects.get_or_create(member=member, blocked=other)
        _lock_direct_room(member, other)


def unblock(*, member: Member, other: Member) -> None:
    """Hear from the other one again."""
    with transaction.atomic():
        MemberBlock.objects.filter(member=member, blocked=other).delete()
        _lock_direct_room(member, other)


def blocked_by(member_id: int) -> list[Member]:
    """Whom this member blocks, by name."""
    blocks = MemberBlock.objects.filter(member=member_id).select_related("blocked")
    return [block.blocked for block in blocks.order_by("blocked__name", "blocked")]


def _lock_direct_room(one: Member, other: Member) -> None:
    """The direct room of two is archived while one of them blocks the other."""
    direct = DirectRoom.objects.filter(member_set=direct_rooms.set_of([one.pk, other.pk]))
    room = Room.objects.filter(direct__in=direct).first()
    if room is not None:
        direct_rooms.set_closed(room, are_apart(one.pk, [other.pk]))


def are_apart(member_id: int, other_ids: Collection[int]) -> bool:
    """Whether this member blocks one of the others, or one of them this member."""
    mine = MemberBlock.objects.filter(member=member_id, blocked__in=other_ids)
    theirs = MemberBlock.objects.filter(member__in=other_ids, blocked=member_id)
    return mine.exists() or theirs.exists()


def _require_not_blocked(actor: Actor, names: dict[int, str]) -> None:
    if actor.member is None:
        return
    blocks = MemberBlock.objects.filter(member__in=names, blocked=actor.member)
    blocker = blocks.values_list("member", flat=True).first()
    if blocker is not None:
        words = gettext("{name} does not take invitations from you.")
        raise Forbidden(words.format(name=names[blocker]))


def _require_another_owner(room: Room, member_id: int) -> None:
    """Forbidden if this member is the only owner of a room in which others are."""
    # Locked, so that of two owners who leave at once one stays.
    Room.objects.select_for_update(no_key=True).get(pk=room.pk)
    others = Membership.objects.filter(room=room).exclude(member=member_id)
    mine = access.membership(room, member_id)
    if mine is None or mine.role != Membership.Role.OWNER or not others.exists():
        return
    if not others.filter(role=Membership.Role.OWNER).exists():
        raise Forbidden(gettext("You are the only owner: make someone else owner first."))
