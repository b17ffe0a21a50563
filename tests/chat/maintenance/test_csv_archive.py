"""What is said in a room as CSV, for people; and a room out of a table of messages."""

import csv
from datetime import timedelta
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from chat.accounts.models import Member
from chat.maintenance import csv_archive, log_integrity, room_import
from chat.messages import commit
from chat.messages.models import Message
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import post, react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db

WORDS = [
    "hello",
    "two\nlines\r\n",
    "a comma, a “quote”, and a \"quote\"",
    "=1+1",
    "'=1+1",
    "'tis so",
    "🌱\tgrows",
]  # fmt: skip


@pytest.fixture
def talk(garden: Room, alice: Member, bob: Member) -> Room:
    for words in WORDS:
        say(garden, alice, words)
    commit.commit_operation(garden, post(bob, "an answer", reply_to=1))
    say(garden, bob, "taken back")
    commit.commit_operation(garden, commit.Delete(bob.pk, 9))
    commit.commit_operation(garden, react(bob, 1))
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "hello, edited"))
    return garden


@pytest.fixture
def _small_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_archive, "SECTION", 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "garden.csv"


def told(command: str, *arguments: object) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.usefixtures("_small_sections")
def test_what_stands_is_a_row_each_that_no_spreadsheet_runs(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)

    written = rows(file)
    assert [row["number"] for row in written] == [str(number) for number in range(1, 9)]
    assert [row["message"] for row in written] == [
        "hello, edited", *WORDS[1:3], "'=1+1", "''=1+1", "'tis so", "🌱\tgrows", "an answer"
    ]  # fmt: skip
    first, last = written[0], written[-1]
    said = Message.objects.get(room=talk, seq=1)
    assert (first["name"], first["time"]) == ("Alice", said.created_at.isoformat())
    assert said.edited_at is not None
    assert first["edited"] == said.edited_at.isoformat()
    assert (last["name"], last["answers"], last["edited"]) == ("Bob", "1", "")


@pytest.mark.usefixtures("_small_sections")
def test_an_export_goes_on_wherever_it_was_cut_off(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)
    whole = file.read_bytes()

    inside_a_character = whole.index("🌱".encode()) + 2
    for cut in (inside_a_character, *range(0, len(whole), 17)):
        file.unlink()
        file.with_name("garden.csv.part").write_bytes(whole[:cut])

        told("export_room", "garden", file)

        assert file.read_bytes() == whole
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("_small_sections")
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_table_becomes_a_room_with_the_same_words_names_and_times(
    talk: Room, file: Path, steps: int
) -> None:
    """Also where it was stopped after some of it."""
    told("export_room", "garden", file)
    with file.open("rb") as opened:
        source = csv_archive.source(opened)
        for _ in islice(room_import.fill(room_import.begin(source, "copy"), source), steps):
            pass

    assert "copy: 1–8, 8 messages, 0 changes" in told("import_room", file, "--room", "copy")

    copy = Room.objects.get(key="copy")
    fields = ("author_name", "created_at", "body")
    said = Message.objects.filter(room=talk, deleted_at=None).order_by("seq")
    again = Message.objects.filter(room=copy).order_by("seq")
    assert list(again.values_list(*fields)) == list(said.values_list(*fields))
    assert log_integrity.inspect(copy).fault_count == 0
    assert copy.kind == Room.Kind.PUBLIC
    assert Member.objects.exclude(released_at=None).count() == 2
    with pytest.raises(CommandError, match="There is a room “copy” already"):
        told("import_room", file, "--room", "copy")


TIME = "2026-01-31T12:00:00+00:00"
REFUSED = {
    "no header": (f"{TIME},Eve,hello\n", "Line 1: There is no column time"),
    "nothing at all": ("", "Line 1: There is no column time"),
    "no row": ("time,name,message\n", "There is no message"),
    "no time": ("time,name,message\nyesterday,Eve,hello\n", "Line 2: “yesterday” is no time"),
    "no zone": (
        "time,name,message\n2026-01-31 12:00,Eve,hello\n",
        r"Line 2: “2026-01-31 12:00” has no time zone: write 2026-01-31 12:00\+00:00",
    ),
    "not in order": (
        f'time,name,message\n{TIME},Eve,"two\nlines"\n2025{TIME[4:]},Eve,earlier\n',
        "Line 4: It is older",
    ),
    "numbers not in order": (
        f"number,time,name,message\n2,{TIME},Eve,a\n1,{TIME},Eve,b\n",
        "Line 3: Number 1 comes after 2: sort the file by number",
    ),
    "a number twice": (f"number,time,name,message\n2,{TIME},Eve,a\n2,{TIME},Eve,b\n", "Line 3:"),
    "no number": (f"number,time,name,message\none,{TIME},Eve,a\n", "Line 2: “one” is no number"),
    "before all time": ("time,name,message\n0001-01-01T00:00:00+14:00,Eve,x\n", "Line 2: .*1970"),
    "after all time": ("time,name,message\n9999-12-31T23:59:59-14:00,Eve,x\n", "Line 2: .*future"),
    "in a century": (f"time,name,message\n2126{TIME[4:]},Eve,x\n", "Line 2: .*in the future"),
    "a NUL": (f"time,name,message\n{TIME},Eve,a\0b\n", "UTF-16 or no text"),
    "an escape": (f"time,name,message\n{TIME},Eve,a\x1bb\n", "Line 2: .*control character"),
    "a name of another": (f"time,name,message\n{TIME},r\u043eot,x\n", "Line 2: "),
    "no text": (f"time,name,message\n{TIME},Eve,\n", "Line 2: A message needs some text"),
    "too long": (
        f"time,name,message\n{TIME},Eve,{'x' * 4001}\n",
        "Line 2: A message may have 4000 characters",
    ),
    "no name": (f"time,name,message\n{TIME},,hello\n", "Line 2: Type a name"),
    "a name of the house": (f"time,name,message\n{TIME},admin,hello\n", "Line 2: .* is reserved"),
    "too few cells": (f"time,name,message\n{TIME},Eve\n", "Line 2: A cell is missing"),
    "an open quote": (
        f'time,name,message\n{TIME},Eve,hello\n{TIME},Eve,"hello\n',
        "Line 3: .*with commas",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_a_table_that_cannot_be_a_room_is_told_with_the_line(file: Path, why: str) -> None:
    content, place = REFUSED[why]
    file.write_text(content, "utf-8")

    with pytest.raises(CommandError, match=place):
        told("import_room", file, "--room", "copy")

    assert not Room.objects.filter(key="copy").exists()


@pytest.mark.parametrize(
    "words",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1+1", " =1+1", "\u3000=1", "\xa0@x",
        "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", " \uff1d1", "\u200b=1", "\ufeff=1",
        "\ufe661", "\u22121", "\n", "' =1",
        "''=1", "\x0b=1", "\u2028=1", "\u202e=1",
    ],
)  # fmt: skip
def test_no_cell_is_a_formula_and_each_is_read_back_as_it_was(words: str) -> None:
    written = csv_archive.cell(words)

    assert written == f"'{words}"
    assert csv_archive.text(written) == words


@pytest.mark.parametrize("words", ["hello", "'tis so", "1-1", "a=b", "🌱", "", "2026-01-31"])
def test_what_is_no_formula_is_written_as_it_is(words: str) -> None:
    assert csv_archive.cell(words) == words == csv_archive.text(words)


def test_an_export_begins_with_a_byte_order_mark_for_spreadsheets(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)

    assert file.read_bytes().startswith(b"\xef\xbb\xbfnumber,time")


def test_a_clock_that_went_back_is_no_obstacle_to_what_we_exported(talk: Room, file: Path) -> None:
    """Two nodes, or an administrator, set the times; the numbers give the order."""
    first = Message.objects.get(room=talk, seq=1).created_at
    for seq, minutes in ((3, 5), (4, -60), (6, -1)):
        at = first + timedelta(minutes=minutes)
        Message.objects.filter(room=talk, seq=seq).update(created_at=at)
    told("export_room", "garden", file)

    told("import_room", file, "--room", "copy")

    fields = ("author_name", "created_at", "body")
    said = Message.objects.filter(room=talk, deleted_at=None).order_by("seq")
    again = Message.objects.filter(room__key="copy").order_by("seq")
    assert list(again.values_list(*fields)) == list(said.values_list(*fields))


HEADINGS, ROW = "time,name,message", f'{TIME},Eve,"hello, all"'
UNDERSTOOD = {
    "empty rows everywhere": f"\n{HEADINGS}\n\n{ROW}\n,,\n \n",
    "an empty row with blanks and tabs": f"{HEADINGS}\n \t , ,\n{ROW}\n",
    "many commas at the end": f"{HEADINGS},,,\n{ROW},,,\n,,,,,\n",
    "lines of Windows": f"{HEADINGS}\r\n{ROW}\r\n\r\n",
    "headings as people write them": f" Time ,NAME,Message\n{ROW}\n",
    "semicolons": f'time;name;message\n{TIME};Eve;"hello, all"\n;;\n',
    "semicolons, announced": f"sep=;\ntime;name;message\n{TIME};Eve;hello, all\n",
    "tabs": f"time\tname\tmessage\n{TIME}\tEve\thello, all\n",
    "a byte order mark before an empty row": f"\ufeff\n{HEADINGS}\n{ROW}\n",
    "numbers that leave some out": f"number,{HEADINGS}\n3,{ROW}\n,,,\n",
}


@pytest.mark.parametrize("how", UNDERSTOOD)
def test_a_table_is_understood_as_spreadsheets_leave_it(file: Path, how: str) -> None:
    file.write_text(UNDERSTOOD[how], "utf-8", newline="")

    told("import_room", file, "--room", "copy")

    said = Message.objects.filter(room__key="copy")
    assert list(said.values_list("author_name", "body")) == [("Eve", "hello, all")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_what_excel_calls_unicode_text_is_told(file: Path, encoding: str) -> None:
    file.write_bytes(f"{HEADINGS}\n{ROW}\n".encode(encoding))

    with pytest.raises(CommandError, match=r"save it as “CSV UTF-8”\. Nothing was imported"):
        told("import_room", file, "--room", "copy")


def test_a_table_in_another_encoding_is_told(file: Path) -> None:
    file.write_bytes(f"time,name,message\n{TIME},Eve,\xe9t\xe9\n".encode("latin-1"))

    with pytest.raises(CommandError, match="Line 2: Save the file as UTF-8"):
        told("import_room", file, "--room", "copy")


def test_a_table_from_elsewhere_becomes_a_room(file: Path) -> None:
    """With a byte order mark, columns of its own, and a last row that just ends."""
    file.write_text(
        f"\ufeffchannel,message,name,time\nx,hello,Eve,{TIME}\nx,bye,eve,{TIME}", "utf-8"
    )

    told("import_room", file, "--room", "copy")

    said = Message.objects.filter(room__key="copy").order_by("seq")
    assert list(said.values_list("author_name", "body")) == [("Eve", "hello"), ("eve", "bye")]
    with pytest.raises(CommandError, match="--room KEY"):
        told("import_room", file)
