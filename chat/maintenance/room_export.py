"""A room into a file, while it is live: numbers in order, section by section, each of one moment.

What changes behind the export's back does so under a number ahead of it, and is written again
there. Nothing is locked, and no transaction outlives a section.
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

# Numbers written at once, and taken in by one commit: others wait for that on SQLite.
SECTION = 100

_SAID = [field for field in MessageLine.__struct_fields__ if field != "author"]


def export(room: Room, path: Path) -> Iterator[int]:
    """Write the whole log into this file, or go on with what stands there, to the log's end.

    Yields the number that is reached.
    """
    with opened_alone(path) as file:
        writer = ArchiveWriter(file, lambda: _header(room))
        ended = False
        while not ended:
            with throttling.resting():
                ended = _add_section(room, writer)
            assert writer.upto is not None  # noqa: S101 - as a section was added
            yield writer.upto.seq


def _header(room: Room) -> Header:
    log = RoomHead.objects.get(room=room)
    return Header(room.key, room.name, room.kind, log.epoch, log.head, log.floor, timezone.now())


def _add_section(room: Room, writer: ArchiveWriter) -> bool:
    """Write the numbers that follow. Whether the log ends with them."""
    with snapshot():
        log = RoomHead.objects.get(room=room)
        _check_same_log(writer, room, log)
        after = max(writer.upto.seq if writer.upto else 0, log.floor)
        upto = min(after + SECTION, log.head)
        lines: list[ArchiveLine] = [
            *_said(room, after, upto, log.floor, writer.header.head),
            *_changed(room, after, upto),
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


def _said(room: Room, after: int, upto: int, floor: int, begun_at: int) -> Iterator[MessageLine]:
    """The messages after…upto; before them, those that were written already, or lie below the
    floor, and are changed by these numbers.

    What was last changed before the export began was written in its last state.
    """
    messages = Message.objects.in_room(room.pk)
    changed = Change.objects.filter(
        room=room, seq__gt=after, seq__lte=upto, message__seq__lte=after
    ).values_list("message", "message__seq", "message__updated_seq")
    earlier = {pk for pk, seq, updated in changed if seq <= floor or updated > begun_at}
    for rows in (
        messages.filter(pk__in=earlier),
        messages.filter(seq__gt=after, seq__lte=upto),
    ):
        for author, *row in rows.order_by("seq").values_list("author_id", *_SAID):
            yield MessageLine(author=author, **dict(zip(_SAID, row, strict=True)))


def _changed(room: Room, after: int, upto: int) -> Iterator[ChangeLine]:
    changes = Change.objects.filter(room=room, seq__gt=after, seq__lte=upto).order_by("seq")
    fields = ("seq", "uid", "kind", "message__seq", "at", "actor_id", "replaced")
    for row in changes.values_list(*fields):
        yield ChangeLine(*row)


def _people(lines: Sequence[ArchiveLine], told: set[int]) -> list[Person]:
    """Those whom these lines name and no line before has told of."""
    named = {pk for line in lines for pk in people_in(line)}
    members = Member.objects.filter(pk__in=named - told).order_by("pk")
    fields = ("pk", "name", "canonical_name", "kind", "created_at")
    return [Person(*row) for row in members.values_list(*fields)]


def people_in(line: ArchiveLine) -> Iterator[int]:
    """The ids of all whom this line names."""
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
