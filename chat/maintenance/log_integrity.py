"""Log integrity: whether every number from the floor to the head is held once, and a checksum.

The log is read in windows, each a snapshot of one moment. So memory does not grow with the log,
and a live room is not blocked.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db.models import F

from ..database_connections import snapshot
from ..messages.models import Change, Message
from ..rooms.models import Room, RoomHead

# Numbers read at once.
WINDOW = 2000
# A broken log may be broken everywhere: further faults are counted, and not described.
FAULTS_DESCRIBED = 50

_canonical = msgspec.json.Encoder(order="sorted")


class _Held(NamedTuple):
    """A message, with the columns that the checksum covers."""

    seq: int
    uid: UUID
    updated_seq: int
    reply_to: int | None
    author_name: str
    client_id: str
    body: str
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    reactions: list[dict[str, Any]] | None

    def portable(self) -> Sequence[Any]:
        """Without the ids that another database would give differently."""
        return *self[:-1], _portable_reactions(self.reactions)


class _Changed(NamedTuple):
    seq: int
    uid: UUID
    message_id: int
    kind: str
    at: datetime
    replaced: dict[str, Any] | None

    def portable(self, targets: Mapping[int, "_Target"]) -> Sequence[Any]:
        target = targets.get(self.message_id)
        replaced = self.replaced
        if replaced is not None and "reactions" in replaced:
            replaced = replaced | {"reactions": _portable_reactions(replaced["reactions"])}
        return self.seq, self.uid, target and target.seq, self.kind, self.at, replaced


def _portable_reactions(reactions: list[dict[str, Any]] | None) -> Sequence[Any]:
    return [
        (reaction["emoji"], [member["name"] for member in reaction["members"]])
        for reaction in reactions or []
    ]


class _Target(NamedTuple):
    room_id: int
    seq: int
    updated_seq: int


@dataclass(slots=True)
class Inspection:
    """The findings about a room's log. Equal logs have equal checksums, if nobody writes meanwhile.

    The checksum leaves out the ids of rows and members, which differ between databases.
    """

    room: str
    epoch: str = ""
    floor: int = 0
    head: int = 0
    messages: int = 0
    changes: int = 0
    checksum: str = ""
    fault_count: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, what: str) -> None:
        self.fault_count += 1
        if len(self.faults) < FAULTS_DESCRIBED:
            self.faults.append(what)


def inspect(
    room: Room, *, upto: int | None = None, read: Callable[[int], None] = lambda numbers: None
) -> Inspection:
    """Read the log, or only up to `upto`. `read` gets the count of numbers in each window."""
    found = Inspection(room.key)
    with snapshot():
        log = RoomHead.objects.filter(room=room).first()
        if log is None:
            found.fault("the room has no head")
            return found
        _inspect_ends(log, found)
    end = log.head if upto is None else min(upto, log.head)
    checksum = hashlib.sha256(b"%d %d" % (log.floor, end))
    at = min(log.floor, end)
    while at < end:
        last = min(at + WINDOW, end)
        with snapshot():
            for line in _inspect_window(room, at, last, found):
                checksum.update(line)
        read(last - at)
        at = last
    found.checksum = checksum.hexdigest()
    return found


def _inspect_ends(log: RoomHead, found: Inspection) -> None:
    """Check the head and the floor, and that nothing lies beyond them."""
    found.epoch, found.floor, found.head = log.epoch, log.floor, log.head
    messages = Message.objects.in_room(log.room_id)
    changes = Change.objects.filter(room=log.room_id)
    if not log.epoch:
        found.fault("the epoch is empty")
    if not 0 <= log.floor <= log.head:
        found.fault(f"the floor, {log.floor}, is not between 0 and the head, {log.head}")
    held = [
        uid
        for rows in (messages, changes)
        for uid in rows.filter(seq=log.head).values_list("uid", flat=True)
    ]
    if held != [log.head_id] and (held or log.head_id):
        found.fault(
            f"the head says that {log.head_id} holds {log.head}, which {held or 'nobody'} does"
        )
    for rows in (messages, changes):
        for seq in rows.filter(seq__gt=log.head).values_list("seq", flat=True)[:1]:
            found.fault(f"number {seq} lies beyond the head, {log.head}")
    if _is_swept(log):
        return
    found.notes.append("rows lie below the floor: prune_messages was stopped; run it again")


def _is_swept(log: RoomHead) -> bool:
    """Whether only emptied messages that were changed above the floor are left below it."""
    messages = Message.objects.in_room(log.room_id).filter(seq__lte=log.floor)
    return not (
        messages.filter(updated_seq__lte=log.floor).exists()
        or messages.exclude(body="").exists()
        or Change.objects.filter(room=log.room_id, seq__lte=log.floor).exists()
    )


def _inspect_window(room: Room, after: int, upto: int, found: Inspection) -> Iterator[bytes]:
    """Check the numbers after…upto. Yields their bytes for the checksum, in order."""
    log = RoomHead.objects.get(room=room)
    window = {"room": room, "seq__gt": after, "seq__lte": upto}
    messages = [_Held(*row) for row in Message.objects.filter(**window).values_list(*_Held._fields)]
    changes = [
        _Changed(*row) for row in Change.objects.filter(**window).values_list(*_Changed._fields)
    ]
    targets = _targets(changes)

    held = Counter([m.seq for m in messages] + [c.seq for c in changes])
    # The floor may have gone up meanwhile.
    for seq in range(max(after, log.floor) + 1, upto + 1):
        if held[seq] != 1:
            found.fault(f"number {seq} is held by {held[seq] or 'no'} rows")
    for message in messages:
        if not message.seq <= message.updated_seq <= log.head:
            found.fault(
                f"message {message.seq} was changed last by {message.updated_seq}, which is not"
                f" between it and the head, {log.head}"
            )
    _inspect_changes(room, changes, targets, found)
    _inspect_last_changes(window, changes, found)
    _inspect_answers(room, messages, log.floor, found)

    found.messages += len(messages)
    found.changes += len(changes)
    lines = {message.seq: _canonical.encode(message.portable()) for message in messages} | {
        change.seq: _canonical.encode(change.portable(targets)) for change in changes
    }
    for seq in sorted(lines):
        yield lines[seq]


def _targets(changes: Sequence[_Changed]) -> dict[int, _Target]:
    """The messages that these changes were made to, by row."""
    rows = Message.objects.filter(pk__in={change.message_id for change in changes})
    return {pk: _Target(*target) for pk, *target in rows.values_list("pk", *_Target._fields)}


def _inspect_changes(
    room: Room,
    changes: Sequence[_Changed],
    targets: Mapping[int, _Target],
    found: Inspection,
) -> None:
    for change in changes:
        target = targets.get(change.message_id)
        if target is None:
            found.fault(f"change {change.seq} is to a message that is not there")
            continue
        if target.room_id != room.pk:
            found.fault(f"change {change.seq} is to a message of another room")
        elif not target.seq < change.seq <= target.updated_seq:
            found.fault(
                f"change {change.seq} is to message {target.seq}, whose last change is said to be"
                f" {target.updated_seq}"
            )


def _inspect_last_changes(
    window: dict[str, Any], changes: Sequence[_Changed], found: Inspection
) -> None:
    """Check that the last change of each message exists and belongs to it."""
    changed = Message.objects.filter(
        room=window["room"],
        updated_seq__gt=window["seq__gt"],
        updated_seq__lte=window["seq__lte"],
    ).exclude(updated_seq=F("seq"))
    made = {(change.seq, change.message_id) for change in changes}
    for seq, updated_seq, pk in changed.values_list("seq", "updated_seq", "pk"):
        if (updated_seq, pk) not in made:
            found.fault(
                f"message {seq} was changed last by {updated_seq}, which is no change to it"
            )


def _inspect_answers(room: Room, messages: Sequence[_Held], floor: int, found: Inspection) -> None:
    answered = {message.reply_to for message in messages if message.reply_to is not None}
    there = set(
        Message.objects.in_room(room.pk).filter(seq__in=answered).values_list("seq", flat=True)
    )
    for message in messages:
        target = message.reply_to
        if target is None:
            continue
        if target >= message.seq or (target > floor and target not in there):
            found.fault(f"message {message.seq} answers {target}, which was no message before it")
