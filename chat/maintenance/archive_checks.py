"""Checks of an archive before it is imported. Nothing is stored until the whole file is checked.

A file may come from anywhere. Texts, names and reactions have to pass the same checks as those of
members; times and numbers have to make a valid log.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, BinaryIO

import msgspec
from django.conf import settings
from django.utils import timezone
from msgspec import Meta, Struct

from ..accounts.models import Member
from ..accounts.names import clean_name
from ..errors import ChatError
from ..messages.models import Change
from ..messages.text import check_body, check_emoji
from ..protocol import ClientId, Id
from ..rooms.models import Room
from .archive import (
    ArchiveError,
    ArchiveLine,
    ChangeLine,
    Header,
    MessageLine,
    Person,
    Section,
    Source,
)
from .archive import header as read_header
from .archive import sections as read_sections
from .erasure import NAMES_OF_NOBODY

# No chat is older than this, and no clock is so far ahead.
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
ROOM_NAME_MAX_LENGTH = 64
# The kinds of so many numbers are stored in one bytearray.
_CHUNK = 1024
_MESSAGE, _CHANGE = 1, 2


class _Member(Struct, forbid_unknown_fields=True):
    id: Id
    name: str


class _Reaction(Struct, forbid_unknown_fields=True):
    emoji: str
    members: Annotated[list[_Member], Meta(min_length=1)]


class _Text(Struct, forbid_unknown_fields=True):
    body: str


class _Removed(Struct, forbid_unknown_fields=True):
    body: str
    reactions: list[_Reaction] | None


class _Reacted(Struct, forbid_unknown_fields=True):
    emoji: str
    on: bool


# The form of `replaced` for each kind of change.
_REPLACED: dict[str, type[Struct] | None] = {
    Change.Kind.EDITED: _Text,
    Change.Kind.DELETED: _Removed,
    Change.Kind.HIDDEN: _Removed,
    Change.Kind.RESTORED: None,
    Change.Kind.REACTED: _Reacted,
}


class Refused(Exception):
    """A line is wrong; says what is wrong with it."""


def source(file: BinaryIO, read: Callable[[int], None] = lambda size: None) -> Source:
    """Check the whole file; `read` gets the bytes read. ArchiveError names the wrong line."""
    checks, upto, at = Checks(), None, 0
    header = read_header(file)
    try:
        checks.header(header)
        for section in read_sections(file):
            checks.section(section)
            upto = section.upto
            read(section.ends - at)
            at = section.ends
    except Refused as refused:
        raise ArchiveError(
            f"Line {checks.number}: {refused} Nothing was imported."
            " Mend it where the room comes from, and export it again."
        ) from None
    if upto is None or not upto.end:
        raise ArchiveError("The export was not finished: run export_room again to finish it.")
    return Source(header, upto.seq, upto.floor, lambda: read_sections(file))


def check_time(*times: datetime | None) -> None:
    """Refused unless a message can have been posted at each of these times."""
    latest = timezone.now() + AHEAD
    for time in times:
        if time is not None and not OLDEST <= time <= latest:
            raise Refused(f"The time {time.isoformat()} is before 1970 or in the future.")


class Checks:
    """Checks the lines of one file in order. What a line may hold depends on earlier lines."""

    def __init__(self) -> None:
        # The number of the current line, for errors.
        self.number = 1
        # By chunk, the kind of each number: 0 for none, a message or a change.
        self._kinds: dict[int, bytearray] = {}
        self._names: set[str] = {*NAMES_OF_NOBODY}
        self._people: set[int] = set()
        # The section holds the numbers after…upto; numbers up to the floor may be missing.
        self._after = self._upto = self._floor = 0

    def header(self, line: Header) -> None:
        check_time(line.exported_at)
        if len(line.name) > ROOM_NAME_MAX_LENGTH:
            raise Refused(f"The room’s name has more than {ROOM_NAME_MAX_LENGTH} characters.")
        self._check_body(line.name)
        if line.kind not in Room.Kind.values:
            raise Refused(f"“{line.kind[:20]}” is no kind of room: {', '.join(Room.Kind.values)}.")
        if line.floor > line.head:
            raise Refused(f"The floor, {line.floor}, lies above the head, {line.head}.")
        self._upto = self._floor = line.floor

    def section(self, section: Section) -> None:
        upto, self.number = section.upto, section.last_line
        self._after = max(self._upto, upto.floor)
        if upto.seq < self._upto or not self._floor <= upto.floor <= upto.seq:
            raise Refused(f"The end {upto.seq} with the floor {upto.floor} goes back.")
        self._upto, self._floor = upto.seq, upto.floor
        # The line that ends a section is its last.
        self.number -= len(section.lines)
        for line in section.lines:
            self._line(line)
            if not isinstance(line, Person) and line.seq == upto.seq and line.uid != upto.uid:
                raise Refused(f"Number {upto.seq} has another id where its section ends.")
            self.number += 1

    def _line(self, line: ArchiveLine) -> None:
        match line:
            case Person():
                self._person(line)
            case MessageLine():
                self._message(line)
            case ChangeLine():
                self._change(line)

    def _person(self, line: Person) -> None:
        check_time(line.created_at)
        self._check_name(line.name)
        if line.kind not in Member.Kind.values:
            kinds = ", ".join(Member.Kind.values)
            raise Refused(f"“{line.kind[:20]}” is no kind of member: {kinds}.")
        if line.id in self._people:
            raise Refused(f"Member {line.id} is there twice.")
        self._people.add(line.id)

    def _message(self, line: MessageLine) -> None:
        self._check_known(line.author)
        self._check_name(line.author_name)
        check_time(line.created_at, line.edited_at, line.deleted_at)
        self._converted(line.client_id, ClientId, "client_id")
        if line.deleted_at is None:
            self._check_body(line.body)
        elif line.body or line.reactions:
            raise Refused(f"Message {line.seq} is deleted, and still holds text or reactions.")
        self._check_reactions(line.reactions)
        if line.updated_seq < line.seq:
            raise Refused(f"Message {line.seq} was changed last by {line.updated_seq}, before it.")
        if line.reply_to is not None and not self._was_said(line.reply_to, before=line.seq):
            raise Refused(
                f"Message {line.seq} answers {line.reply_to}, which is no message before it."
            )
        self._hold(line.seq, _MESSAGE)

    def _change(self, line: ChangeLine) -> None:
        check_time(line.at)
        if line.kind not in _REPLACED:
            raise Refused(f"“{line.kind[:20]}” is no kind of change: {', '.join(_REPLACED)}.")
        if line.actor is not None:
            self._check_known(line.actor)
        if not (line.message < line.seq and self._kind_of(line.message) == _MESSAGE):
            raise Refused(f"Change {line.seq} is to {line.message}, which is no message before it.")
        if line.replaced is not None:
            self._check_replaced(line.kind, line.replaced)
        self._hold(line.seq, _CHANGE)

    # --- Parts --------------------------------------------------------------------------------

    def _hold(self, seq: int, kind: int) -> None:
        """Record that a line holds this number. Refused if it is out of place or there already.

        Only a message may come again, in a newer state.
        """
        held = self._kind_of(seq)
        if held and not (held == kind == _MESSAGE and seq <= self._after):
            raise Refused(f"Number {seq} is there twice.")
        in_place = self._after < seq <= self._upto or (kind == _MESSAGE and seq <= self._floor)
        if not held and not in_place:
            raise Refused(f"Number {seq} is out of place: its section ends with {self._upto}.")
        self._kinds.setdefault(seq // _CHUNK, bytearray(_CHUNK))[seq % _CHUNK] = kind

    def _kind_of(self, seq: int) -> int:
        chunk = self._kinds.get(seq // _CHUNK)
        return chunk[seq % _CHUNK] if chunk else 0

    def _was_said(self, seq: int, *, before: int) -> bool:
        """Whether a reply can refer to it. Below the floor the message may be missing."""
        return seq < before and (seq <= self._floor or self._kind_of(seq) == _MESSAGE)

    def _check_known(self, member: int) -> None:
        if member not in self._people:
            raise Refused(f"The file names member {member} and does not say who it is.")

    def _check_name(self, name: str) -> None:
        if name in self._names:
            return
        try:
            cleaned = clean_name(name)
        except ChatError as refused:
            raise Refused(f"The name {name[:40]!r}: {refused.detail}") from None
        if cleaned != name:
            raise Refused(f"The name {name[:40]!r} would be written {cleaned!r} here.")
        self._names.add(name)

    def _check_body(self, body: str) -> None:
        try:
            check_body(body)
        except ChatError as refused:
            raise Refused(refused.detail) from None

    def _check_replaced(self, kind: str, replaced: dict[str, Any]) -> None:
        form = _REPLACED[kind]
        if form is None:
            raise Refused(f"A change that {kind} replaces nothing.")
        before = self._converted(replaced, form, "replaced")
        if isinstance(before, _Text | _Removed):
            self._check_body(before.body)
        if isinstance(before, _Removed):
            self._check_reactions(replaced["reactions"])
        if isinstance(before, _Reacted):
            self._check_emoji(before.emoji)

    def _check_reactions(self, reactions: list[dict[str, Any]] | None) -> None:
        if reactions is None:
            return
        sound = self._converted(reactions, list[_Reaction], "reactions")
        if len({reaction.emoji for reaction in sound}) != len(sound):
            raise Refused("An emoji is there twice.")
        if len(sound) > settings.REACTION_MAX_EMOJI:
            raise Refused(f"A message takes {settings.REACTION_MAX_EMOJI} different emoji.")
        if sum(len(reaction.members) for reaction in sound) > settings.REACTION_MAX_TOTAL:
            raise Refused(f"A message takes {settings.REACTION_MAX_TOTAL} reactions.")
        for reaction in sound:
            self._check_emoji(reaction.emoji)
            if len({member.id for member in reaction.members}) != len(reaction.members):
                raise Refused(f"A member reacts with {reaction.emoji} twice.")
            for member in reaction.members:
                self._check_known(member.id)
                self._check_name(member.name)

    def _check_emoji(self, emoji: str) -> None:
        try:
            check_emoji(emoji)
        except ChatError as refused:
            raise Refused(refused.detail) from None

    def _converted(self, value: Any, form: Any, what: str) -> Any:
        try:
            return msgspec.convert(value, form)
        except msgspec.ValidationError as error:
            raise Refused(f"{what}: {error}.") from None
