"""The archive of a room: a file of JSON Lines in the order of its log (docs/adr/0011).

It is written in sections. Each is a snapshot of one moment and ends with an EndLine, so an
interrupted export or import continues after the last complete section. A later line about a
message holds its newer state.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, BinaryIO, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from .exclusive_files import digest

FORMAT = 1
# A message with all allowed reactions has a tenth of this size.
LINE_MAX_BYTES = 1 << 20

Number = Annotated[int, Meta(ge=0, lt=2**53)]
Seq = Annotated[int, Meta(ge=1, lt=2**53)]
Time = Annotated[datetime, Meta(tz=True)]


class ArchiveError(Exception):
    """The file cannot be used; says why, and what to do."""


class Header(Struct, frozen=True, tag_field="type", tag="room"):
    """The first line. `head`: the room's last number when the export began."""

    key: str
    name: str
    kind: str
    epoch: str
    head: Number
    floor: Number
    exported_at: Time
    format: int = FORMAT


class Person(Struct, frozen=True, tag_field="type", tag="member"):
    """A member. The lines below refer to them by this id."""

    id: Number
    name: str
    canonical_name: str
    kind: str
    created_at: Time


class MessageLine(Struct, frozen=True, tag_field="type", tag="message", omit_defaults=True):
    seq: Seq
    uid: UUID
    updated_seq: Seq
    author: Number
    author_name: str
    client_id: str
    body: str
    created_at: Time
    reply_to: Seq | None = None
    edited_at: Time | None = None
    deleted_at: Time | None = None
    reactions: list[dict[str, Any]] | None = None


class ChangeLine(Struct, frozen=True, tag_field="type", tag="change", omit_defaults=True):
    seq: Seq
    uid: UUID
    kind: str
    message: Seq
    at: Time
    actor: Number | None = None
    replaced: dict[str, Any] | None = None


class EndLine(Struct, frozen=True, tag_field="type", tag="upto", omit_defaults=True):
    """The end of a section: all numbers up to `seq` are above.

    `uid`: the id of the row that holds `seq`. `sha256`: of all bytes above. `end`: the log ends
    here.
    """

    seq: Number
    floor: Number
    sha256: str
    uid: UUID | None = None
    end: bool = False


ArchiveLine = Person | MessageLine | ChangeLine
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Header | ArchiveLine | EndLine).decode


class Section(NamedTuple):
    """The lines of one section, its EndLine, and where it ends: the line number and the byte."""

    lines: list[ArchiveLine]
    upto: EndLine
    last_line: int
    ends: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was checked completely, ready to be imported section by section."""

    header: Header
    head: int
    floor: int
    sections: Callable[[], Iterator[Section]]


def header(file: BinaryIO) -> Header:
    """The first line of the file. Leaves the file at its beginning."""
    file.seek(0)
    line = _read(file.readline(LINE_MAX_BYTES + 1), 1)
    file.seek(0)
    if not isinstance(line, Header):
        raise ArchiveError("Line 1 is not the beginning of an exported room.")
    if line.format != FORMAT:
        raise ArchiveError(
            f"The file has format {line.format}, and this chatroom reads {FORMAT}:"
            " import it with the version that wrote it, or a newer one."
        )
    return line


def sections(file: BinaryIO) -> Iterator[Section]:
    """The complete sections of the file. An incomplete one at the end is ignored."""
    header(file)
    sha256 = hashlib.sha256(first := file.readline())
    lines: list[ArchiveLine] = []
    began, ends = 2, len(first)
    for number, raw in enumerate(iter(partial(file.readline, LINE_MAX_BYTES + 1), b""), 2):
        if not raw.endswith(b"\n") and len(raw) <= LINE_MAX_BYTES:
            return
        line = _read(raw, number)
        ends += len(raw)
        if isinstance(line, Header):
            raise ArchiveError(f"Line {number} begins another export. {_SPOILT}")
        if not isinstance(line, EndLine):
            lines.append(line)
        elif line.sha256 != sha256.hexdigest():
            raise ArchiveError(f"Lines {began}–{number} are not as they were written. {_SPOILT}")
        else:
            yield Section(lines, line, number, ends)
            lines, began = [], number + 1
        sha256.update(raw)


_SPOILT = "Take another copy of the file, or export the room again."


def _read(raw: bytes, number: int) -> Header | ArchiveLine | EndLine:
    if len(raw) > LINE_MAX_BYTES:
        raise ArchiveError(f"Line {number} is longer than any that export_room writes. {_SPOILT}")
    try:
        line: Header | ArchiveLine | EndLine = _decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ArchiveError(f"Line {number} is damaged ({error}): {raw[:60]!r}. {_SPOILT}") from None
    return line


class ArchiveWriter:
    """Writes an archive: a new one, or an existing one after its last complete section."""

    def __init__(self, file: BinaryIO, begin: Callable[[], Header]) -> None:
        self._file = file
        self.upto: EndLine | None = None
        self.people: set[int] = set()
        if not file.readline().endswith(b"\n"):
            file.seek(0)
            file.truncate()
            file.write(_encode(begin()) + b"\n")
            file.flush()
        self.header = header(file)
        ends = len(file.readline())
        for section in sections(file):
            self.upto, ends = section.upto, section.ends
            self.people.update(line.id for line in section.lines if isinstance(line, Person))
        self._sha256 = digest(file, ends)
        file.truncate()

    def add(
        self, lines: Sequence[ArchiveLine], *, seq: int, floor: int, uid: UUID | None, end: bool
    ) -> None:
        """Write one section."""
        raw = b"".join(_encode(line) + b"\n" for line in lines)
        self._sha256.update(raw)
        self.upto = EndLine(seq, floor, self._sha256.hexdigest(), uid, end)
        closing = _encode(self.upto) + b"\n"
        self._sha256.update(closing)
        self._file.write(raw + closing)
        self._file.flush()
        if end:
            os.fsync(self._file.fileno())
