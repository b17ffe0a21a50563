"""The inbox of a member: a numbered list of what mentions or answers them, caught up like a room.

The commit adds to it in the transaction of the message. What was deleted since, or stands in a room
that the member may not see any more, is left out when the list is read. What the member read in the
room is read in the inbox.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from .. import bus
from ..rooms.models import Membership, Room
from . import mentions
from .mentions import Named
from .models import Change, InboxHead, InboxItem, Message

# Items further back than this are not counted as unread.
UNREAD_MAX = 100
# What ends or begins the presence of a message in inboxes.
_REMOVALS = {Change.Kind.DELETED, Change.Kind.HIDDEN, Change.Kind.RESTORED}


def record(
    room: Room,
    posted: Sequence[Message],
    named: Mapping[int, Named],
    targets: Mapping[int, Message],
) -> None:
    """Tell those whom these new messages name or answer. Call it in the commit's transaction."""
    items: list[InboxItem] = []
    answered = mentions.answered_by(posted, targets)
    for message in posted:
        if message.reply_to is None and not mentions.may_name(message.body):
            continue
        told = mentions.told_of(room, message, named.get(message.seq), answered)
        items += [
            InboxItem(member_id=one, kind=kind, room=room, seq=message.seq, at=message.created_at)
            for one, kind in told.items()
        ]
    if items:
        _number(items)


def carry_over(member_id: int, former_id: int) -> None:
    """The items of a former guest come behind the member's own. Call it in a transaction."""
    items = list(InboxItem.objects.filter(member=former_id).order_by("number"))
    read = InboxHead.objects.filter(member=former_id).values_list("read", flat=True).first() or 0
    InboxItem.objects.filter(member=former_id).delete()
    for item in items:
        item.is_read = item.is_read or item.number <= read
        item.pk, item.member_id = None, member_id
    if items:
        _number(items)


def note_removals(room: Room, changes: Sequence[Change]) -> None:
    """What was deleted or restored goes from inboxes or comes back. Call it in the transaction."""
    seqs = {change.message.seq for change in changes if change.kind in _REMOVALS}
    if seqs:
        concerned = InboxItem.objects.filter(room=room, seq__in=seqs)
        _note_change(sorted(set(concerned.values_list("member", flat=True))))


def _number(items: list[InboxItem]) -> None:
    """Give each the next number of its member, under the locks of their heads in one order."""
    members = sorted({one.member_id for one in items})
    InboxHead.objects.bulk_create(
        [InboxHead(member_id=one) for one in members], ignore_conflicts=True
    )
    heads = _locked(members)
    for item in items:
        head = heads[item.member_id]
        head.head, head.moved_at = head.head + 1, timezone.now()
        item.number = head.head
    InboxItem.objects.bulk_create(items)
    InboxHead.objects.bulk_update(heads.values(), ["head", "moved_at"])
    transaction.on_commit(partial(bus.publish, bus.InboxesChanged(members)))


def _locked(members: Collection[int]) -> dict[int, InboxHead]:
    heads = InboxHead.objects.filter(member__in=members).order_by("member")
    return {head.member_id: head for head in heads.select_for_update(no_key=True)}


def _note_change(members: list[int]) -> None:
    """Make the nodes read these inboxes again."""
    if members:
        _locked(members)
        mine = InboxHead.objects.filter(member__in=members)
        mine.update(changes=F("changes") + 1, moved_at=timezone.now())
        transaction.on_commit(partial(bus.publish, bus.InboxesChanged(members)))


def mark(member_id: int, number: int) -> None:
    """All items up to this number are read; a mark never goes back."""
    head = InboxHead.objects.filter(member=member_id).first()
    if head is not None and (upto := min(number, head.head)) > head.read:
        mine = InboxHead.objects.filter(member=member_id, read__lt=upto)
        mine.update(read=upto, moved_at=timezone.now())
        transaction.on_commit(partial(bus.publish, bus.InboxesChanged([member_id])))


def mark_one(member_id: int, number: int) -> None:
    """This item is read, and no other."""
    with transaction.atomic():
        unread = InboxItem.objects.filter(member=member_id, number=number, is_read=False)
        if unread.update(is_read=True):
            _note_change([member_id])


def unmark(member_id: int, numbers: Collection[int]) -> None:
    """These items are unread again, of the last UNREAD_MAX; what else was read stays so."""
    with transaction.atomic():
        head = _locked([member_id]).get(member_id)
        wanted = [one for one in numbers if head and head.head - UNREAD_MAX < one <= head.head]
        if head is None or not wanted:
            return
        mine = InboxItem.objects.filter(member=member_id)
        before = min(wanted) - 1
        if before < head.read:
            # The mark goes back over those that were read besides.
            mine.filter(number__gt=before, number__lte=head.read).update(is_read=True)
            InboxHead.objects.filter(member=member_id).update(read=before)
        mine.filter(number__in=wanted).update(is_read=False)
        _note_change([member_id])


# --- What is unread ---------------------------------------------------------------------------


@dataclass(slots=True)
class Unread:
    """A member's inbox as far as it is not read. `places`: the number of each item in the inbox,
    its room, and the number of its message there; `seqs`: the same by room id. What was read in the
    rooms is not left out.
    """

    head: int
    read: int
    changes: int = 0
    places: list[tuple[int, int, str, int]] = field(default_factory=list)
    seqs: dict[int, list[int]] = field(default_factory=dict)


def unread_of(member_ids: Collection[int]) -> dict[int, Unread]:
    """What is unread in these members' inboxes, of the last UNREAD_MAX items; in two queries."""
    heads = InboxHead.objects.filter(member__in=member_ids)
    found = {one.member_id: Unread(one.head, one.read, one.changes) for one in heads}
    fresh = there(
        InboxItem.objects.filter(
            member__in=[one for one, unread in found.items() if unread.head > unread.read],
            number__gt=F("member__inbox__read"),
            is_read=False,
        ).filter(number__gt=F("member__inbox__head") - UNREAD_MAX)
    )
    rows = fresh.order_by("number").values_list("member", "number", "room", "room__key", "seq")
    for member_id, number, room_id, key, seq in rows:
        found[member_id].places.append((number, room_id, key, seq))
        found[member_id].seqs.setdefault(room_id, []).append(seq)
    return found


def there(items: QuerySet[InboxItem]) -> QuerySet[InboxItem]:
    """Those of these items whose message is there, in a room that the member may see."""
    theirs = Membership.objects.filter(room=OuterRef("room"), member=OuterRef("member"))
    messages = Message.objects.filter(room=OuterRef("room"), seq=OuterRef("seq"), deleted_at=None)
    seen = Q(room__kind=Room.Kind.PUBLIC) | Exists(theirs)
    return items.filter(seen, Exists(messages)).exclude(room__kind=Room.Kind.DELETED)


def moved_since(moment: datetime) -> list[tuple[int, tuple[int, int, int]]]:
    """The inboxes that changed since then: the member, and head, read and changes."""
    heads = InboxHead.objects.filter(moved_at__gt=moment)
    rows = heads.values_list("member", "head", "read", "changes")
    return [(member_id, (head, read, changes)) for member_id, head, read, changes in rows]
