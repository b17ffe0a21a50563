"""Memberships: who joined a room, stored so that every node hears of it.

What a member may see and do there is decided elsewhere (access.py, moderation/room_members.py).
"""

from collections.abc import Collection

from django.db.models import Q

from ..accounts import change_numbers
from ..accounts.models import Member, MemberBlock
from .models import Membership, ReadMark, Room, RoomHead


def add(room: Room, member_ids: Collection[int], role: str = Membership.Role.MEMBER) -> set[int]:
    """Make these members of the room; those who were not yet. Call it in a transaction.

    What was said before is read as far as they are concerned, unless they were here before.
    """
    known = Membership.objects.filter(room=room, member__in=member_ids)
    new = set(member_ids) - set(known.values_list("member", flat=True))
    Membership.objects.bulk_create(
        [Membership(room=room, member_id=member_id, role=role) for member_id in sorted(new)],
        ignore_conflicts=True,
    )
    head = RoomHead.objects.filter(room=room).values_list("head", "posted").first()
    if new and head is not None:
        seq, posted = head
        ReadMark.objects.bulk_create(
            [
                ReadMark(room=room, member_id=member_id, seq=seq, posted=posted)
                for member_id in sorted(new)
            ],
            ignore_conflicts=True,
        )
    change_numbers.record_access_changes((room.pk, member_id) for member_id in sorted(new))
    return new


def remove(room: Room, member_id: int) -> bool:
    """End a membership; False if there is none. Call it in a transaction."""
    gone, _ = Membership.objects.filter(room=room, member=member_id).delete()
    if gone:
        change_numbers.record_access_changes([(room.pk, member_id)])
    return bool(gone)


def staff_of(room_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """The owners and moderators of these rooms with their roles; in one query."""
    staff: dict[int, dict[int, str]] = {room_id: {} for room_id in room_ids}
    rows = Membership.objects.filter(room__in=staff).exclude(role=Membership.Role.MEMBER)
    for room_id, member_id, role in rows.values_list("room", "member", "role"):
        staff[room_id][member_id] = role
    return staff


def change(room: Room, member_id: int, **fields: str) -> bool:
    """Give a membership another role or notification level; False if nothing changes."""
    mine = Membership.objects.filter(room=room, member=member_id)
    changed = mine.exclude(**fields).update(**fields)
    if changed:
        change_numbers.record_access_changes([(room.pk, member_id)])
    return bool(changed)


def remove_everywhere(member: Member) -> None:
    """End all memberships and blocks of someone who is erased. Call it in a transaction.

    The members of a direct room never change: it still bears their name, or what stands for it.
    """
    theirs = Membership.objects.filter(member=member).exclude(room__kind=Room.Kind.DIRECT)
    room_ids = list(theirs.values_list("room", flat=True))
    theirs.delete()
    MemberBlock.objects.filter(Q(member=member) | Q(blocked=member)).delete()
    change_numbers.record_access_changes((room_id, member.pk) for room_id in room_ids)
