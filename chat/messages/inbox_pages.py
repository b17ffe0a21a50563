"""Reading the inbox: pages of mentions and answers, and the newest direct messages.

Direct messages are no items of the inbox: that would write a row for each message and member. The
last one of each conversation is looked up, and is read where it was read in its room.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import OuterRef, Subquery

from .. import protocol
from ..rooms.models import ReadMark, Room
from .inbox import there
from .models import InboxHead, InboxItem, Message
from .wire_messages import Names, names_in

PAGE_SIZE = 50
# So many conversations are shown, those in which something was said last.
DIRECT_MAX = 20
# Of a message's text an item shows the beginning.
TEXT_MAX = 200

# A room's id and the number of a message there.
Place = tuple[int, int]


@dataclass(slots=True)
class LoadedInbox:
    """Items in order, the head of the inbox, how far it is read, and whether there are more."""

    items: list[protocol.InboxEntry]
    head: int = 0
    read: int = 0
    more: bool = False
    direct: list[protocol.InboxEntry] = field(default_factory=list)


def load(member_id: int, since: int | None, before: int | None) -> LoadedInbox:
    """Items after `since`, or those before `before`, or the newest ones with the last direct
    messages.
    """
    head = InboxHead.objects.filter(member=member_id).first() or InboxHead(member_id=member_id)
    mine = there(InboxItem.objects.filter(member=member_id)).select_related("room")
    if since is not None:
        rows = list(mine.filter(number__gt=since).order_by("number")[: PAGE_SIZE + 1])
        page = rows[:PAGE_SIZE]
    else:
        older = mine if before is None else mine.filter(number__lt=before)
        rows = list(older.order_by("-number")[: PAGE_SIZE + 1])
        page = rows[:PAGE_SIZE][::-1]
    newest = since is None and before is None
    return LoadedInbox(
        _entries(head, page),
        head.head,
        head.read,
        more=len(rows) > PAGE_SIZE,
        direct=_direct(member_id) if newest else [],
    )


def _entries(head: InboxHead, items: Sequence[InboxItem]) -> list[protocol.InboxEntry]:
    """The items with the texts of now; those whose messages were deleted are left out."""
    messages = _messages((item.room_id, item.seq) for item in items)
    marks = _marks(head.member_id, {item.room_id for item in items})
    names = names_in(message.mentions for message in messages.values())
    return [
        _entry(
            message,
            item.room,
            names,
            kind=item.kind,
            number=item.number,
            read=item.is_read or item.number <= head.read or item.seq <= marks[item.room_id],
        )
        for item in items
        if (message := messages.get((item.room_id, item.seq))) is not None
    ]


def _direct(member_id: int) -> list[protocol.InboxEntry]:
    """What others said last in each conversation, the oldest first."""
    others = Message.objects.filter(room=OuterRef("pk"), deleted_at=None).exclude(author=member_id)
    conversations = (
        Room.objects.filter(kind=Room.Kind.DIRECT, memberships__member=member_id)
        .annotate(last=Subquery(others.order_by("-seq").values("seq")[:1]))
        .filter(last__isnull=False)
        .order_by("-log__last_at")
    )
    last = dict(conversations.values_list("pk", "last")[:DIRECT_MAX])
    rooms, messages = Room.objects.in_bulk(last), _messages(last.items())
    marks = _marks(member_id, last)
    names = names_in(message.mentions for message in messages.values())
    entries = [
        _entry(message, rooms[room_id], names, kind="direct", number=0, read=seq <= marks[room_id])
        for room_id, seq in last.items()
        if (message := messages.get((room_id, seq))) is not None
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _messages(places: Iterable[Place]) -> dict[Place, Message]:
    seqs: dict[int, list[int]] = {}
    for room_id, seq in places:
        seqs.setdefault(room_id, []).append(seq)
    return {
        (room_id, message.seq): message
        for room_id, numbers in seqs.items()
        for message in Message.objects.in_room(room_id)
        .filter(seq__in=numbers, deleted_at=None)
        .select_related("author")
    }


def _marks(member_id: int, room_ids: Collection[int]) -> dict[int, int]:
    """How far the member has read in each of these rooms."""
    marks = ReadMark.objects.filter(member=member_id, room__in=room_ids)
    return dict.fromkeys(room_ids, 0) | dict(marks.values_list("room", "seq"))


def _entry(
    message: Message, room: Room, names: Names, *, kind: str, number: int, read: bool
) -> protocol.InboxEntry:
    return protocol.InboxEntry(
        number=number,
        kind=kind,
        room=room.key,
        # A direct room is called by who is in it, which lists know.
        room_name="" if room.kind == Room.Kind.DIRECT else room.name,
        seq=message.seq,
        author=protocol.MemberRef(message.author_id, message.author.name),
        text=_text(message, names)[:TEXT_MAX],
        at=message.created_at,
        read=read,
    )


def _text(message: Message, names: Names) -> str:
    """What was said, with the names of now of those whom it names."""
    called = {one["text"]: names.get(one["id"], one["text"]) for one in message.mentions or ()}
    if not called:
        return message.body
    longest_first = sorted(map(re.escape, called), key=len, reverse=True)
    pattern = rf"@({'|'.join(longest_first)})(?!\w)"
    return re.sub(pattern, lambda found: f"@{called[found[1]]}", message.body)
