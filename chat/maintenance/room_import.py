"""Import of a room from a file (maintenance/archive.py), section by section, with a new epoch.

The room is private until its log is complete and checked, so that nobody reads half of it or
writes in it. Meanwhile its epoch identifies the file, so that only the same file can continue.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError
from django.utils import timezone

from .. import bulk_sql
from ..accounts import change_numbers
from ..accounts.models import Member
from ..accounts.names import canonical_name
from ..bulk_sql import Rows
from ..messages.models import Change, Message
from ..moderation.room_rules import open_room
from ..rooms.models import Room, RoomHead, new_epoch
from . import retention
from .archive import (
    ArchiveError,
    ArchiveLine,
    ChangeLine,
    EndLine,
    Header,
    MessageLine,
    Person,
    Section,
    Source,
)
from .erasure import NAMES_OF_NOBODY
from .log_integrity import Inspection, inspect
from .room_export import people_in
from .throttling import rest_afterwards, run_throttled

# Rows deleted by one statement.
DELETED_AT_ONCE = 500

_UPDATED_COLUMNS = ["updated_seq", "author_name", "body", "edited_at", "deleted_at", "reactions"]


def find_begun(source: Source, key: str) -> Room | None:
    """The room that an interrupted import of this file made; None if there is no such room.

    ArchiveError if another room has the key.
    """
    log = RoomHead.objects.filter(room__key=key).select_related("room").first()
    if log is None:
        return None
    if log.epoch != _mark(source.header):
        raise ArchiveError(f"There is a room “{key}” already: import into another, --room KEY.")
    return log.room


def begin(source: Source, key: str) -> Room:
    """The room to be filled: a new one, or that of an interrupted import."""

    def make() -> Room:
        room = open_room(key=key, name=source.header.name or key, kind=Room.Kind.PRIVATE)
        RoomHead.objects.filter(room=room).update(
            epoch=_mark(source.header), floor=source.header.floor
        )
        return room

    return find_begun(source, key) or run_throttled(make)


def fill(room: Room, source: Source) -> Iterator[int]:
    """Store the sections that are not stored yet. Yields the number reached.

    ArchiveError if the database refuses a section; then the whole import is undone.
    """
    people = _People()
    reached = RoomHead.objects.get(room=room).head
    first_line = 1
    for section in source.sections():
        people.add(section.lines)
        if section.upto.seq > reached:
            try:
                ids = people.named_in(section.lines)
                with rest_afterwards():
                    prepared = _prepare_section(room, section, ids)
                run_throttled(partial(_store_section, room, prepared, reached))
            except (IntegrityError, DataError) as error:
                undo(room, people.made)
                lines = f"{first_line}–{section.last_line}"
                raise ArchiveError(
                    f"The database refuses lines {lines} ({str(error).splitlines()[0]}): they are"
                    " no part of this log. Nothing was imported."
                ) from error
            reached = section.upto.seq
        first_line = section.last_line + 1
        yield reached
    # The file may hold rows that were pruned during the export: they are below its last floor.
    for _ in retention.prune(retention.Plan(room, source.header.floor, source.floor)):
        pass


def undo(room: Room, made: Sequence[int]) -> None:
    """Delete what an import made: the room, which nobody has seen, and its past members."""
    for rows_of_room in (Change.objects.filter(room=room), Message.objects.in_room(room.pk)):
        while pks := list(rows_of_room.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
            batch = rows_of_room.filter(pk__in=pks)
            run_throttled(partial(batch._raw_delete, batch.db))
    run_throttled(room.delete)
    for pk in made:
        # Another import may use the same past member meanwhile.
        with suppress(ProtectedError):
            run_throttled(Member.objects.filter(pk=pk).delete)


def finish(room: Room, source: Source) -> Inspection:
    """Check the log, and give the room its kind if the log is whole. Returns the findings."""
    found = inspect(room)
    if found.fault_count == 0:
        run_throttled(partial(_set_kind, room, source.header.kind))
    return found


def _set_kind(room: Room, kind: str) -> None:
    RoomHead.objects.filter(room=room).update(epoch=new_epoch())
    Room.objects.filter(pk=room.pk).update(kind=kind)
    change_numbers.record_access_changes([(room.pk, None)])
    change_numbers.record_moderation_change()


def _mark(header: Header) -> str:
    """An epoch that identifies the file. No real epoch begins with a tilde."""
    return "~" + hashlib.sha256(msgspec.json.encode(header)).hexdigest()[:7]


class _People:
    """Maps the member ids of the file to members of this database.

    A member with the same canonical name and the same creation time, to the microsecond, is the
    same person. In the database of the export that is the member; elsewhere it is a past member,
    made by this import or an earlier one.
    """

    def __init__(self) -> None:
        self._people: dict[int, Person] = {}
        self._found: dict[int, int] = {}
        self.made: list[int] = []

    def add(self, lines: Sequence[ArchiveLine]) -> None:
        self._people.update((line.id, line) for line in lines if isinstance(line, Person))

    def named_in(self, lines: Sequence[ArchiveLine]) -> Mapping[int, int]:
        """The ids here of all members in these lines, by their ids in the file. Makes new ones.

        ArchiveError if the file does not describe one of them.
        """
        named = {pk for line in lines for pk in people_in(line)}
        if unknown := named - self._people.keys():
            raise ArchiveError(f"The file names member {min(unknown)} and does not say who it is.")
        people = [self._people[pk] for pk in named - self._found.keys()]
        here = self._here(people)
        missing = {_natural(person): person for person in people if _natural(person) not in here}
        if missing:
            run_throttled(partial(self._make, list(missing.values())))
            here |= self._here(list(missing.values()))
        self._found.update({person.id: here[_natural(person)] for person in people})
        return {pk: self._found[pk] for pk in named}

    def _here(self, people: Sequence[Person]) -> dict[Any, int]:
        members = Member.objects.filter(canonical_name__in=set(map(_canonical_name, people)))
        return {
            (name, created_at): pk
            for name, created_at, pk in members.values_list("canonical_name", "created_at", "pk")
        }

    def _make(self, people: Sequence[Person]) -> None:
        members = [
            Member(
                name=person.name,
                canonical_name=_canonical_name(person),
                kind=person.kind,
                released_at=timezone.now(),
            )
            for person in people
        ]
        Member.objects.bulk_create(members)
        for member, person in zip(members, people, strict=True):
            member.created_at = person.created_at  # bulk_create has set it to now
        Member.objects.bulk_update(members, ["created_at"])
        self.made += [member.pk for member in members]


def _natural(person: Person) -> Any:
    return _canonical_name(person), person.created_at


def _canonical_name(person: Person) -> str:
    """By the rules of this version, not from the file. Erased members keep theirs (erasure.py)."""
    is_nobody = person.name in NAMES_OF_NOBODY
    is_erased = is_nobody and person.canonical_name.startswith("erased ")
    return person.canonical_name[:64] if is_erased else canonical_name(person.name)


@dataclass(frozen=True, slots=True)
class _PreparedSection:
    """A section ready to be stored. Its rows are built before the lock is taken."""

    new: Rows
    again: Rows
    changes: list[tuple[int, Change]]
    upto: EndLine
    last_at: datetime | None


def _prepare_section(room: Room, section: Section, ids: Mapping[int, int]) -> _PreparedSection:
    """Build the rows of a section. A message that is stored already is updated."""
    messages = {
        line.seq: _message(room, line, ids)
        for line in section.lines
        if isinstance(line, MessageLine)
    }
    there = Message.objects.in_room(room.pk).filter(seq__in=messages)
    for seq, pk in there.values_list("seq", "pk"):
        messages[seq].pk = pk
    new = [message for message in messages.values() if message.pk is None]
    again = [message for message in messages.values() if message.pk is not None]
    return _PreparedSection(
        bulk_sql.inserts(new),
        bulk_sql.updates(again, _UPDATED_COLUMNS),
        [
            (line.message, _change(room, line, ids))
            for line in section.lines
            if isinstance(line, ChangeLine)
        ],
        section.upto,
        max(_times(section.lines), default=None),
    )


def _times(lines: Sequence[ArchiveLine]) -> Iterator[datetime]:
    for line in lines:
        if isinstance(line, MessageLine):
            yield line.created_at
        elif isinstance(line, ChangeLine):
            yield line.at


def _store_section(room: Room, prepared: _PreparedSection, reached: int) -> None:
    log = RoomHead.objects.select_for_update(no_key=True).get(room=room)
    if log.head != reached:
        raise ArchiveError(f"Somebody else is filling “{room.key}”.")
    prepared.new.store()
    prepared.again.store()
    _store_changes(room, prepared.changes)
    upto = prepared.upto
    times = [at for at in (log.last_at, prepared.last_at) if at is not None]
    RoomHead.objects.filter(room=room).update(
        head=upto.seq, head_id=upto.uid, floor=upto.floor, last_at=max(times, default=None)
    )


def _message(room: Room, line: MessageLine, ids: Mapping[int, int]) -> Message:
    fields = msgspec.structs.asdict(line)
    fields["author_id"] = ids[fields.pop("author")]
    fields["reactions"] = _renamed(line.reactions, ids)
    return Message(room=room, **fields)


def _change(room: Room, line: ChangeLine, ids: Mapping[int, int]) -> Change:
    return Change(
        room=room,
        seq=line.seq,
        uid=line.uid,
        kind=line.kind,
        actor_id=line.actor and ids[line.actor],
        at=line.at,
        replaced=_replaced(line.replaced, ids),
    )


def _store_changes(room: Room, changes: Sequence[tuple[int, Change]]) -> None:
    """Store changes, each given with the number of its message, whose primary key is known now."""
    seqs = {seq for seq, _ in changes}
    targets = dict(Message.objects.in_room(room.pk).filter(seq__in=seqs).values_list("seq", "pk"))
    for seq, change in changes:
        if seq not in targets:
            raise ArchiveError(f"Change {change.seq} is to message {seq}, which is missing.")
        change.message_id = targets[seq]
    # Not with bulk_create: a retry would insert them with the primary keys of the first try.
    bulk_sql.inserts([change for _, change in changes]).store()


def _replaced(replaced: dict[str, Any] | None, ids: Mapping[int, int]) -> dict[str, Any] | None:
    if replaced is None or "reactions" not in replaced:
        return replaced
    return replaced | {"reactions": _renamed(replaced["reactions"], ids)}


def _renamed(
    reactions: list[dict[str, Any]] | None, ids: Mapping[int, int]
) -> list[dict[str, Any]] | None:
    return reactions and [
        reaction
        | {"members": [member | {"id": ids[member["id"]]} for member in reaction["members"]]}
        for reaction in reactions
    ]
