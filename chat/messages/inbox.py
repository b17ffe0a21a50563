"""The inbox of a member: a numbered list of what mentions or answers them, caught up like a room.

The commit adds to it in the transaction of the message. What was deleted since, or stands in a room
that the member may not see any more, is left out when the list is read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .. import bus, protocol
from ..rooms import access
from ..rooms.models import Room
from . import mentions
from .models import InboxHead, InboxItem, Message

PAGE_SIZE = 50
# Items further back than this are not counted as unread.
UNREAD_MAX = 100
# Of a message's text an item shows the beginning.
TEXT_MAX = 200


def record(room: Room, posted: Sequence[Message], targets: Mapping[int, Message]) -> None:
    """Tell those whom these new messages name or answer. Call it in the commit's transaction."""
    concerned = [one for one in posted if one.reply_to is not None or mentions.may_name(one.body)]
    if not concerned:
        return
    named = mentions.resolve(room, concerned)
    items: list[InboxItem] = []
    for message in concerned:
        told = mentions.told_of(room, message, named.get(message.seq, ()), targets)
        items += [
            InboxItem(member_id=one, kind=kind, room=room, seq=message.seq, at=message.created_at)
            for one, kind in told.items()
        ]
    if items:
        _number(items)


def _number(items: list[InboxItem]) -> None:
    """Give each the next number of its member, under the locks of their heads in one order."""
    members = sorted({one.member_id for one in items})
    InboxHead.objects.bulk_create(
        [InboxHead(member_id=one) for one in members], ignore_conflicts=True
    )
    locked = InboxHead.objects.filter(member__in=members).order_by("member")
    heads = {head.member_id: head for head in locked.select_for_update(no_key=True)}
    for item in items:
        head = heads[item.member_id]
        head.head, head.moved_at = head.head + 1, timezone.now()
        item.number = head.head
    InboxItem.objects.bulk_create(items)
    InboxHead.objects.bulk_update(heads.values(), ["head", "moved_at"])
    transaction.on_commit(partial(bus.publish, bus.InboxesChanged(members)))


def mark(member_id: int, number: int) -> None:
    """All items up to this number are read; a mark never goes back."""
    head = InboxHead.objects.filter(member=member_id).first()
    if head is not None and (upto := min(number, head.head)) > head.read:
        mine = InboxHead.objects.filter(member=member_id, read__lt=upto)
        mine.update(read=upto, moved_at=timezone.now())
        transaction.on_commit(partial(bus.publish, bus.InboxesChanged([member_id])))


def load(
    member_id: int, since: int | None, before: int | None
) -> tuple[list[protocol.InboxEntry], int, int, bool]:
    """Items after `since`, or the newest ones, or those before `before`; in order. The head, how
    far the member has read, and whether there are more that way.
    """
    head = InboxHead.objects.filter(member=member_id).first()
    seen = access.visible_to(member_id)
    mine = InboxItem.objects.filter(member=member_id, room__in=seen).select_related("room")
    if since is not None:
        rows = list(mine.filter(number__gt=since).order_by("number")[: PAGE_SIZE + 1])
        page = rows[:PAGE_SIZE]
    else:
        older = mine if before is None else mine.filter(number__lt=before)
        rows = list(older.order_by("-number")[: PAGE_SIZE + 1])
        page = rows[:PAGE_SIZE][::-1]
    more = len(rows) > PAGE_SIZE
    return _entries(page), head.head if head else 0, head.read if head else 0, more


def _entries(items: Sequence[InboxItem]) -> list[protocol.InboxEntry]:
    """The items with the texts of now; those whose messages were deleted are left out."""
    seqs: dict[int, list[int]] = {}
    for item in items:
        seqs.setdefault(item.room_id, []).append(item.seq)
    texts = {
        (room_id, message.seq): message
        for room_id, numbers in seqs.items()
        for message in Message.objects.in_room(room_id).filter(seq__in=numbers, deleted_at=None)
    }
    return [
        protocol.InboxEntry(
            number=item.number,
            kind=item.kind,
            room=item.room.key,
            seq=item.seq,
            author=protocol.MemberRef(message.author_id, message.author_name),
            text=message.body[:TEXT_MAX],
            at=item.at,
        )
        for item in items
        if (message := texts.get((item.room_id, item.seq))) is not None
    ]


@dataclass(slots=True)
class Unread:
    """A member's inbox as far as it is not read: `seqs` are the numbers of messages by room id."""

    head: int
    read: int
    seqs: dict[int, list[int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return min(self.head - self.read, UNREAD_MAX)


def unread_of(member_ids: Collection[int]) -> dict[int, Unread]:
    """What is unread in these members' inboxes, of the last UNREAD_MAX items; in two queries."""
    heads = InboxHead.objects.filter(member__in=member_ids)
    found = {one.member_id: Unread(one.head, one.read) for one in heads}
    fresh = InboxItem.objects.filter(
        member__in=[one for one, unread in found.items() if unread.count],
        number__gt=F("member__inbox__read"),
    ).filter(number__gt=F("member__inbox__head") - UNREAD_MAX)
    for member_id, room_id, seq in fresh.values_list("member", "room", "seq"):
        found[member_id].seqs.setdefault(room_id, []).append(seq)
    return found


def moved_since(moment: datetime) -> list[tuple[int, int, int]]:
    """Member, head and how far it is read of each inbox that changed since then."""
    heads = InboxHead.objects.filter(moved_at__gt=moment)
    return list(heads.values_list("member", "head", "read"))
