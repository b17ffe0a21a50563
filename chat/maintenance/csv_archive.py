"""The messages of a room as CSV, for people and their spreadsheets.

It holds each message that is not deleted: number, time, name, text, the number it replies to, and
when it was edited. Deletions, reactions, earlier texts, ids and changes are only in archive.py's
format. A room imported from it is a new room with the same texts, names, times and order.
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

# Rows exported or imported at once.
SECTION = 100
COLUMNS = ("number", "time", "name", "message", "answers", "edited")
NEEDED = ("time", "name", "message")

# Without it Excel reads the file as Windows-1252.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Separators of cells. Excel writes the second one where the comma is the decimal sign.
DELIMITERS = ",;\t"

# A spreadsheet runs a cell that begins like this as a formula. It ignores invisible characters, and
# reads full-width signs as the plain ones.
_FORMULA = re.compile(
    rf"'*(?:[\t\r\n]|['\s\x00-\x1f\x7f-\xa0{INVISIBLE}]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])"
)


def cell(value: object) -> str:
    """The value as a cell that no spreadsheet runs as a formula. `text` undoes this."""
    written = "" if value is None else str(value)
    return f"'{written}" if isinstance(value, str) and _FORMULA.match(written) else written


def text(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def export(room: Room, path: Path) -> Iterator[int]:
    """Write the messages of the room into this file, or continue an interrupted export.

    Yields the number reached. Each message is as it was when its row was written.
    """
    with opened_alone(path) as file:
        reached = _resume(file)
        if reached is None:
            file.write(BYTE_ORDER_MARK + _written([COLUMNS]))
            reached = 0
        while rows := _read(room, reached):
            with throttling.rest_afterwards():
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
    """Cut off an incomplete last row. The number in the last complete one; None without any."""
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


class _CsvRow(NamedTuple):
    cells: list[str]
    first_line: int
    last_line: int
    ends: int
    whole: bool


def _rows(file: BinaryIO, delimiter: str = ",") -> Iterator[_CsvRow]:
    """The rows and where each ends. `whole` is false if the file ends inside the row."""
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
        yield _CsvRow(cells, before + 1, reader.line_num, ends, whole)
        before = reader.line_num


def source(file: BinaryIO, read: Callable[[int], None] = lambda size: None) -> Source:
    """Check the whole file; `read` gets the bytes read. ArchiveError names the wrong line."""
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
    """The rows as messages, numbered from 1, with their authors."""
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


class _CheckedRow(NamedTuple):
    number: int
    time: datetime
    name: str
    message: str
    last_line: int
    ends: int


def _checked_rows(file: BinaryIO) -> Iterator[_CheckedRow]:
    """The rows that are not empty, checked to be in order of numbers, or else of times."""
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
    """ArchiveError for UTF-16, which some spreadsheets call “Unicode text”."""
    file.seek(0)
    if b"\0" in file.read(4096):
        raise ArchiveError("The file is UTF-16 or no text: save it as “CSV UTF-8”.")


def _delimiter(file: BinaryIO) -> str:
    """The separator of cells: from a first `sep=` line, as Excel writes it, or the headings."""
    file.seek(0)
    for raw in file:
        line = raw.decode("utf-8-sig").strip().strip('"')
        if said := re.fullmatch(r"sep=(.)", line):
            return said[1]
        if line.strip(DELIMITERS):
            return max(DELIMITERS, key=line.count)
    return DELIMITERS[0]


def _filled(rows: Iterator[_CsvRow]) -> Iterator[_CsvRow]:
    """The rows without empty ones, which spreadsheets and editors leave, and the `sep=` line."""
    for row in rows:
        is_for_excel = row.first_line == 1 and row.cells and row.cells[0].startswith("sep=")
        if any(map(str.strip, row.cells)) and not is_for_excel:
            yield row


def _check_order(row: _CheckedRow, before: _CheckedRow | None) -> None:
    """ArchiveError if the row is out of order. Times are compared only if there are no numbers,
    because a clock may go back.
    """
    if before is None:
        return
    if row.number and row.number <= before.number:
        raise ArchiveError(
            f"Number {row.number} comes after {before.number}: sort the file by number."
        )
    if not row.number and row.time < before.time:
        raise ArchiveError("It is older than the row above: sort the file by time.")


def _columns(row: _CsvRow | None) -> dict[str, int]:
    """The index of each known column, by its heading in any case."""
    names = [] if row is None else [name.strip().casefold() for name in row.cells]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ArchiveError(f"There is no column {missing[0]}; needed are {', '.join(NEEDED)}.")
    return {name: names.index(name) for name in ("number", *NEEDED) if name in names}


def _checked(row: _CsvRow, columns: Mapping[str, int]) -> _CheckedRow:
    try:
        cells = {name: text(row.cells[at]) for name, at in columns.items()}
        check_body(cells["message"])
        name = clean_name(cells["name"])
    except IndexError:
        raise ArchiveError("A cell is missing.") from None
    except ChatError as error:
        raise ArchiveError(str(error)) from None
    number, time = _number(cells.get("number", "")), _time(cells["time"])
    return _CheckedRow(number, time, name, cells["message"], row.last_line, row.ends)


def _number(cell: str) -> int:
    """The row's number; 0 if it has none."""
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
