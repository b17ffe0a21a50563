"""Export of a live room into an archive: its numbers in order, in sections of one moment each.

A message that changes after it was written is written again with its change, because the change
has a later number. Nothing is locked, and each section has its own short transaction.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils import timezone

from ..accounts.models import Member
from ..database_connections import snapshot
from ..messages import room_heads
from ..messages.models import Change, Message
from ..rooms.models import Room, RoomHead
from . import throttling
from .archive import (
    ArchiveError,
    ArchiveLine,
    ArchiveWriter,
    ChangeLine,
    Header,
    MessageLine,
    Person,
)
from .exclusive_files import opened_alone

# Numbers of one section. An import stores each in one commit, for which others wait on SQLite.
SECTION = 100

_COLUMNS = [field for field in MessageLine.__struct_fields__ if field != "author"]


def export(room: Room, path: Path) -> Iterator[int]:
    """Write the whole log into this file, or continue an interrupted export. Yields the number
    reached.
    """
    with opened_alone(path) as file:
        writer = ArchiveWriter(file, lambda: _header(room))
        ended = False
        while not ended:
            with throttling.rest_afterwards():
                ended = _add_section(room, writer)
            assert writer.upto is not None  # noqa: S101 - as a section was added
            yield writer.upto.seq


def _header(room: Room) -> Header:
    log = RoomHead.objects.get(room=room)
    return Header(room.key, room.name, room.kind, log.epoch, log.head, log.floor, timezone.now())


def _add_section(room: Room, writer: ArchiveWriter) -> bool:
    """Write the next section. Whether the log ends with it."""
    with snapshot():
        log = RoomHead.objects.get(room=room)
        _check_same_log(writer, room, log)
        after = max(writer.upto.seq if writer.upto else 0, log.floor)
        upto = min(after + SECTION, log.head)
        lines: list[ArchiveLine] = [
            *_messages(room, after, upto, log.floor, writer.header.head),
            *_changes(room, after, upto),
        ]
        people = _people(lines, writer.people)
        uid = room_heads.id_at(log, upto)
        ended = upto == log.head
    writer.add([*people, *lines], seq=upto, floor=log.floor, uid=uid, end=ended)
    writer.people.update(person.id for person in people)
    return ended


def _check_same_log(writer: ArchiveWriter, room: Room, log: RoomHead) -> None:
    upto = writer.upto
    same = (writer.header.key, writer.header.epoch) == (room.key, log.epoch)
    if upto is not None and upto.seq > log.floor:
        same = same and room_heads.id_at(log, upto.seq) == upto.uid
    if not same:
        raise ArchiveError(
            f"The file holds {writer.header.key} as it was before a restore, or another room:"
            " delete it and start anew."
        )


def _messages(
    room: Room, after: int, upto: int, floor: int, began_at: int
) -> Iterator[MessageLine]:
    """The messages after…upto. Before them come older messages that these numbers change.

    Left out are older messages above the floor whose last change was before the export began: they
    were written in their last state.
    """
    messages = Message.objects.in_room(room.pk)
    changed = Change.objects.filter(
        room=room, seq__gt=after, seq__lte=upto, message__seq__lte=after
    ).values_list("message", "message__seq", "message__updated_seq")
    earlier = {pk for pk, seq, updated in changed if seq <= floor or updated > began_at}
    for rows in (
        messages.filter(pk__in=earlier),
        messages.filter(seq__gt=after, seq__lte=upto),
    ):
        for author, *row in rows.order_by("seq").values_list("author_id", *_COLUMNS):
            yield MessageLine(author=author, **dict(zip(_COLUMNS, row, strict=True)))


def _changes(room: Room, after: int, upto: int) -> Iterator[ChangeLine]:
    changes = Change.objects.filter(room=room, seq__gt=after, seq__lte=upto).order_by("seq")
    fields = ("seq", "uid", "kind", "message__seq", "at", "actor_id", "replaced")
    for row in changes.values_list(*fields):
        yield ChangeLine(*row)


def _people(lines: Sequence[ArchiveLine], written: set[int]) -> list[Person]:
    """The members that these lines refer to and that are not written yet."""
    named = {pk for line in lines for pk in people_in(line)}
    members = Member.objects.filter(pk__in=named - written).order_by("pk")
    fields = ("pk", "name", "canonical_name", "kind", "created_at")
    return [Person(*row) for row in members.values_list(*fields)]


def people_in(line: ArchiveLine) -> Iterator[int]:
    """The ids of all members that this line refers to."""
    if isinstance(line, MessageLine):
        yield line.author
        reactions = line.reactions
    elif isinstance(line, ChangeLine):
        if line.actor is not None:
            yield line.actor
        reactions = (line.replaced or {}).get("reactions")
    else:
        return
    for reaction in reactions or []:
        for member in reaction["members"]:
            yield member["id"]
