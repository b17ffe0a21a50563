"""Direct rooms: one for each set of people. It is made when one of them opens it, and shown to the
others once something is said there.
"""

import secrets
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..accounts import change_numbers
from ..accounts.models import Member
from . import memberships
from .models import DirectRoom, Room, RoomHead


def set_of(member_ids: Collection[int]) -> str:
    """What identifies a set of members."""
    return "-".join(map(str, sorted(set(member_ids))))


def open_for(opener: Member, member_ids: Collection[int]) -> Room:
    """The room of these members and the opener. Of two who open it at once, both get the same."""
    everyone = {opener.pk, *member_ids}
    existing = _existing(everyone)
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            # Its name is that of the others, for each member (room_list.py).
            room = Room.objects.create(
                key=f"direct-{secrets.token_hex(10)}",
                name="Direct messages",
                kind=Room.Kind.DIRECT,
                created_by=opener,
            )
            RoomHead.objects.create(room=room)
            DirectRoom.objects.create(room=room, member_set=set_of(everyone))
            memberships.add(room, everyone)
    except IntegrityError:
        other = _existing(everyone)
        if other is None:
            raise
        return other
    return room


def set_closed(room: Room, closed: bool) -> None:
    """Let nobody write in a direct room of two, or both again. Call it in a transaction."""
    changed = Room.objects.filter(pk=room.pk, archived_at__isnull=closed)
    if changed.update(archived_at=timezone.now() if closed else None):
        change_numbers.record_access_changes([(room.pk, None)])
        change_numbers.record_moderation_change()


def hand_over(room: Room, former_id: int, member_id: int) -> None:
    """Another id takes its place among the members of a direct room. Call it in a transaction.

    If the same people have a room already, this one is closed: they go on in the other.
    """
    direct = DirectRoom.objects.get(room=room)
    ids = {int(one) for one in direct.member_set.split("-")}
    now = set_of((ids - {former_id}) | {member_id})
    if member_id in ids or DirectRoom.objects.filter(member_set=now).exists():
        set_closed(room, True)
    else:
        DirectRoom.objects.filter(room=room).update(member_set=now)


def close_all_of(member: Member) -> None:
    """Let nobody write to someone who is erased. Call it in a transaction."""
    theirs = Room.objects.filter(memberships__member=member, kind=Room.Kind.DIRECT)
    for room in theirs.order_by("pk"):
        if room.memberships.count() <= 2:
            set_closed(room, True)


def _existing(member_ids: Collection[int]) -> Room | None:
    return Room.objects.filter(direct__member_set=set_of(member_ids)).first()
