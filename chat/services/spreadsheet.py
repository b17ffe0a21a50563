"""What was said in a room, as CSV: for people and their spreadsheets.

It carries each message that stands: number, time, name, text, what it answers, when it was edited.
It carries no deletions, reactions, earlier texts, ids or numbers of changes: archive.py does.
A room made of it is another one, with the same words, names and times in the same order.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from uuid import uuid4

from ..errors import ChatError
from ..models import Member, Message, Room
from ..models.names import canonical_name, clean_name
from ..models.text import check_body
from . import pace
from .archive import ArchiveError, Header, Line, Person, Said, Section, Source, Upto
from .files import digest, opened_alone

# Rows read, and taken in, at once.
SECTION = 100
COLUMNS = ("number", "time", "name", "message", "answers", "edited")
NEEDED = ("time", "name", "message")

# A spreadsheet takes a cell that begins like this for a formula, and runs it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def cell(value: object) -> str:
    """The value, so that no spreadsheet runs it. `text` undoes it."""
    written = "" if value is None else str(value)
    return f"'{written}" if isinstance(value, str) and _FORMULA.match(written) else written


def text(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def export(room: Room, path: Path) -> Iterator[int]:
    """Write what is said in the room into this file, or go on with what stands there.

    Yields the number that is reached. Each message is as it was when its row was written.
    """
    with opened_alone(path) as file:
        reached = _resume(file)
        if reached is None:
            file.write(_written([COLUMNS]))
            reached = 0
        while rows := _read(room, reached):
            with pace.resting():
                file.write(_written(rows))
                file.flush()
                reached = rows[-1][0]
            yield reached


def _read(room: Room, after: int) -> list[Any]:
    said = Message.objects.in_room(room.pk).filter(seq__gt=after, deleted_at=None).order_by("seq")
    fields = ("seq", "created_at", "author_name", "body", "reply_to", "edited_at")
    return [
        [value.isoformat() if isinstance(value, datetime) else value for value in row]
        for row in said.values_list(*fields)[:SECTION]
    ]


def _written(rows: Sequence[Sequence[object]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(map(cell, row) for row in rows)
    return out.getvalue().encode()


def _resume(file: BinaryIO) -> int | None:
    """Cut off the row that was not written whole; the number in the last one that was."""
    last, ends = None, 0
    try:
        for row in _rows(file):
            if row.whole:
                last, ends = row, row.ends
    except (csv.Error, UnicodeDecodeError):
        pass  # the file ends inside a row, or inside a character
    file.seek(ends)
    file.truncate()
    if last is None or tuple(last.cells) == COLUMNS:
        return None if last is None else 0
    return int(last.cells[0])


class _Row(NamedTuple):
    cells: list[str]
    first_line: int
    last_line: int
    ends: int
    whole: bool


def _rows(file: BinaryIO) -> Iterator[_Row]:
    """The rows, and where each ends: whole, unless the file ends first."""
    file.seek(0)
    ends, whole = 0, True

    def lines() -> Iterator[str]:
        nonlocal ends, whole
        for raw in file:
            ends += len(raw)
            whole = raw.endswith(b"\n")
            yield raw.decode("utf-8-sig" if ends == len(raw) else "utf-8")

    reader = csv.reader(lines(), strict=True)
    before = 0
    for cells in reader:
        yield _Row(cells, before + 1, reader.line_num, ends, whole)
        before = reader.line_num


def source(file: BinaryIO, read: Callable[[int], None] = lambda size: None) -> Source:
    """Read the whole file, telling `read` of the bytes; ArchiveError names a line that is wrong."""
    head, at, began = 0, 0, None
    for section in _sections(file):
        head = section.upto.seq
        began = began or next(line.created_at for line in section.lines if isinstance(line, Person))
        read(section.ends - at)
        at = section.ends
    if began is None:
        raise ArchiveError("There is no message in the file.")
    sha256 = digest(file, at).hexdigest()
    header = Header(
        key="", name="", kind=Room.Kind.PUBLIC, epoch=sha256, head=head, floor=0, exported_at=began
    )
    return Source(header, head, 0, lambda: _sections(file))


def _sections(file: BinaryIO) -> Iterator[Section]:
    """The rows as messages, numbered from 1, with those who said them."""
    rows = _checked_rows(file)
    people: dict[str, Person] = {}
    lines: list[Line] = []
    seq = 0
    for row in rows:
        seq += 1
        if row.name not in people:
            people[row.name] = Person(
                id=len(people) + 1,
                name=row.name,
                canonical_name=canonical_name(row.name),
                kind=Member.Kind.GUEST,
                created_at=row.time,
            )
            lines.append(people[row.name])
        said = Said(
            seq=seq,
            uid=uuid4(),
            updated_seq=seq,
            author=people[row.name].id,
            author_name=row.name,
            client_id=f"row-{seq}",
            body=row.message,
            created_at=row.time,
        )
        lines.append(said)
        if seq % SECTION == 0:
            yield Section(lines, Upto(seq, 0, "", said.uid), row.last_line, row.ends)
            lines = []
    if lines:
        yield Section(lines, Upto(seq, 0, "", said.uid, end=True), row.last_line, row.ends)


class _Checked(NamedTuple):
    time: datetime
    name: str
    message: str
    last_line: int
    ends: int


def _checked_rows(file: BinaryIO) -> Iterator[_Checked]:
    line, before = 1, None
    try:
        rows = _rows(file)
        columns = _columns(next(rows, None))
        line = 2
        for row in rows:
            line = row.first_line
            checked = _checked(row, columns)
            if before is not None and checked.time < before:
                raise ArchiveError("It is older than the row above: sort the file by time.")
            before = checked.time
            yield checked
            line = row.last_line + 1
    except csv.Error as error:
        raise ArchiveError(f"Line {line}: {error}. Save the file as CSV, with commas.") from None
    except UnicodeDecodeError:
        raise ArchiveError(f"Line {line}: Save the file as UTF-8.") from None
    except ArchiveError as error:
        raise ArchiveError(f"Line {line}: {error} Nothing was imported.") from None


def _columns(row: _Row | None) -> dict[str, int]:
    names = [] if row is None else row.cells
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ArchiveError(f"There is no column {missing[0]}; needed are {', '.join(NEEDED)}.")
    return {name: names.index(name) for name in NEEDED}


def _checked(row: _Row, columns: Mapping[str, int]) -> _Checked:
    try:
        cells = {name: text(row.cells[at]) for name, at in columns.items()}
        time = datetime.fromisoformat(cells["time"])
        check_body(cells["message"])
        name = clean_name(cells["name"])
    except IndexError:
        raise ArchiveError("A cell is missing.") from None
    except ValueError:
        raise ArchiveError(
            f"“{cells['time'][:40]}” is no time: write 2026-01-31T12:00:00+00:00."
        ) from None
    except ChatError as error:
        raise ArchiveError(str(error)) from None
    if time.tzinfo is None:
        raise ArchiveError(f"“{cells['time']}” has no time zone: write {cells['time']}+00:00.")
    return _Checked(time, name, cells["message"], row.last_line, row.ends)
