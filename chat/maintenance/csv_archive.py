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

from ..accounts.models import Member
from ..accounts.names import canonical_name, clean_name
from ..errors import ChatError
from ..messages.models import Message
from ..messages.text import INVISIBLE, check_body
from ..rooms.models import Room
from . import throttling
from .archive import (
    ArchiveError,
    ArchiveLine,
    EndLine,
    Header,
    MessageLine,
    Person,
    Section,
    Source,
)
from .archive_checks import Refused, check_time
from .exclusive_files import digest, opened_alone

# Rows read, and taken in, at once.
SECTION = 100
COLUMNS = ("number", "time", "name", "message", "answers", "edited")
NEEDED = ("time", "name", "message")

# Without it Excel takes the file for Windows-1252.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What may stand between cells; Excel writes the second where a comma is for decimals.
DELIMITERS = ",;\t"

# A spreadsheet takes a cell that begins like this for a formula, and runs it. It passes over what
# is not seen, and takes full-width signs for the others.
_FORMULA = re.compile(
    rf"'*(?:[\t\r\n]|['\s\x00-\x1f\x7f-\xa0{INVISIBLE}]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])"
)


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
            file.write(BYTE_ORDER_MARK + _written([COLUMNS]))
            reached = 0
        while rows := _read(room, reached):
            with throttling.resting():
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


def _rows(file: BinaryIO, delimiter: str = ",") -> Iterator[_Row]:
    """The rows, and where each ends: whole, unless the file ends first."""
    file.seek(0)
    ends, whole = 0, True

    def lines() -> Iterator[str]:
        nonlocal ends, whole
        for raw in file:
            ends += len(raw)
            whole = raw.endswith(b"\n")
            yield raw.decode("utf-8-sig" if ends == len(raw) else "utf-8")

    reader = csv.reader(lines(), strict=True, delimiter=delimiter)
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
    lines: list[ArchiveLine] = []
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
        said = MessageLine(
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
            yield Section(lines, EndLine(seq, 0, "", said.uid), row.last_line, row.ends)
            lines = []
    if lines:
        yield Section(lines, EndLine(seq, 0, "", said.uid, end=True), row.last_line, row.ends)


class _Checked(NamedTuple):
    number: int
    time: datetime
    name: str
    message: str
    last_line: int
    ends: int


def _checked_rows(file: BinaryIO) -> Iterator[_Checked]:
    """The rows that hold anything, in the order of their numbers, or else of their times."""
    line, before = 1, None
    try:
        _check_encoding(file)
        rows = _filled(_rows(file, _delimiter(file)))
        headings = next(rows, None)
        columns = _columns(headings)
        line += headings.last_line if headings else 0
        for row in rows:
            line = row.first_line
            checked = _checked(row, columns)
            _check_order(checked, before)
            before = checked
            yield checked
            line = row.last_line + 1
    except csv.Error as error:
        raise ArchiveError(
            f"Line {line}: {error}. Save the file as CSV, with commas. Nothing was imported."
        ) from None
    except UnicodeDecodeError:
        raise ArchiveError(f"Line {line}: Save the file as UTF-8. Nothing was imported.") from None
    except (ArchiveError, Refused) as error:
        raise ArchiveError(f"Line {line}: {error} Nothing was imported.") from None


def _check_encoding(file: BinaryIO) -> None:
    """What a spreadsheet calls “Unicode text” has a NUL in every other byte."""
    file.seek(0)
    if b"\0" in file.read(4096):
        raise ArchiveError("The file is UTF-16 or no text: save it as “CSV UTF-8”.")


def _delimiter(file: BinaryIO) -> str:
    """What stands between the cells: the headings show it, or a line that Excel reads first."""
    file.seek(0)
    for raw in file:
        line = raw.decode("utf-8-sig").strip().strip('"')
        if said := re.fullmatch(r"sep=(.)", line):
            return said[1]
        if line.strip(DELIMITERS):
            return max(DELIMITERS, key=line.count)
    return DELIMITERS[0]


def _filled(rows: Iterator[_Row]) -> Iterator[_Row]:
    """Without the empty rows that spreadsheets and editors leave, and the line for Excel."""
    for row in rows:
        is_for_excel = row.first_line == 1 and row.cells and row.cells[0].startswith("sep=")
        if any(map(str.strip, row.cells)) and not is_for_excel:
            yield row


def _check_order(row: _Checked, before: _Checked | None) -> None:
    """Clocks may go back, numbers do not; without numbers there are only the times."""
    if before is None:
        return
    if row.number and row.number <= before.number:
        raise ArchiveError(
            f"Number {row.number} comes after {before.number}: sort the file by number."
        )
    if not row.number and row.time < before.time:
        raise ArchiveError("It is older than the row above: sort the file by time.")


def _columns(row: _Row | None) -> dict[str, int]:
    """Where each column is that we know, however the headings are written."""
    names = [] if row is None else [name.strip().casefold() for name in row.cells]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ArchiveError(f"There is no column {missing[0]}; needed are {', '.join(NEEDED)}.")
    return {name: names.index(name) for name in ("number", *NEEDED) if name in names}


def _checked(row: _Row, columns: Mapping[str, int]) -> _Checked:
    try:
        cells = {name: text(row.cells[at]) for name, at in columns.items()}
        check_body(cells["message"])
        name = clean_name(cells["name"])
    except IndexError:
        raise ArchiveError("A cell is missing.") from None
    except ChatError as error:
        raise ArchiveError(str(error)) from None
    number, time = _number(cells.get("number", "")), _time(cells["time"])
    return _Checked(number, time, name, cells["message"], row.last_line, row.ends)


def _number(cell: str) -> int:
    """The number that the row had; 0 if it had none."""
    if not re.fullmatch(r"[0-9]{0,18}", cell.strip()):
        raise ArchiveError(f"“{cell[:40]}” is no number of a message.")
    return int(cell.strip() or 0)


def _time(cell: str) -> datetime:
    try:
        time = datetime.fromisoformat(cell.strip())
    except ValueError:
        raise ArchiveError(f"“{cell[:40]}” is no time: write 2026-01-31T12:00:00+00:00.") from None
    if time.tzinfo is None:
        raise ArchiveError(f"“{cell[:40]}” has no time zone: write {cell[:40]}+00:00.")
    check_time(time)
    return time
