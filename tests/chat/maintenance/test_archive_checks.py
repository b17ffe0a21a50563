"""`import_room` of a file that somebody made: what people could not have said is not taken in."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.accounts.models import Member
from chat.accounts.names import canonical_name
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation import admission
from chat.rooms.models import Room

from ..messages import logs
from ..messages.logs import post, react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db

Lines = list[dict[str, Any]]
Forge = Callable[[Lines], object]


@pytest.fixture
def talk(garden: Room, alice: Member, bob: Member) -> Room:
    """Its file: 1 the room, 2–3 the members, 4–6 messages 1–3, 7–9 changes 4–6, 10 the end."""
    say(garden, alice, "hello")
    commit.commit_operation(garden, post(bob, "an answer", reply_to=1))
    say(garden, bob, "taken back")
    commit.commit_operation(garden, react(bob, 1))
    commit.commit_operation(garden, commit.Delete(bob.pk, 3))
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "hello again"))
    return garden


@pytest.fixture
def lines(talk: Room, tmp_path: Path) -> Lines:
    file = tmp_path / "sound.jsonl"
    call_command("export_room", "garden", str(file))
    read = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["type"] for line in read] == [
        "room", "member", "member", *["message"] * 3, *["change"] * 3, "upto"
    ]  # fmt: skip
    return read


def written(lines: Lines, file: Path) -> Path:
    """With the right sums: whoever forges a file can reckon them."""
    digest, raw = sha256(), b""
    for line in lines:
        if line["type"] == "upto":
            line["sha256"] = digest.hexdigest()
        text = json.dumps(line).encode() + b"\n"
        digest.update(text)
        raw += text
    file.write_bytes(raw)
    return file


def put(number: int, **values: Any) -> Forge:
    return lambda lines: lines[number - 1].update(values)


def reacted(emoji: str, *members: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"emoji": emoji, "members": [{"id": id, "name": name} for id, name in members]}]


def again(number: int) -> Forge:
    """This line a second time, right behind itself."""
    return lambda lines: lines.insert(number, dict(lines[number - 1]))


def answer_a_change(lines: Lines) -> None:
    """Message 7, at the end of the log, answers change 4."""
    said = lines[4] | {"seq": 7, "updated_seq": 7, "client_id": "seven", "reply_to": 4}
    lines.insert(9, said)
    lines[10] |= {"seq": 7, "uid": said["uid"]}


def build_a_tower(lines: Lines) -> None:
    tower: list[Any] = []
    for _ in range(900):
        tower = [tower]
    lines[8]["replaced"] = {"body": tower}


FORGED: dict[str, tuple[int, Forge]] = {
    # Texts.
    "a NUL in a body": (4, put(4, body="a\0b")),
    "an escape that moves the cursor": (4, put(4, body="\x1b[2J")),
    "half a character": (4, put(4, body="\ud83d")),
    "the other half": (5, put(5, body="end \udd25")),
    "ten megabytes": (4, put(4, body="x" * 10_000_000)),
    "a character too many": (4, put(4, body="x" * 4001)),
    "nothing said": (4, put(4, body="")),
    "blanks only": (5, put(5, body=" \n\t ")),
    "nothing to be seen": (4, put(4, body="\u2800\u200b")),
    "a hundred marks on a letter": (5, put(5, body="a" + "\u0301" * 100)),
    "a deleted message with text": (6, put(6, body="still here")),
    "a number for a body": (4, put(4, body=5)),
    "a NUL in what was replaced": (9, put(9, replaced={"body": "\0"})),
    "something else was replaced": (9, put(9, replaced={"text": "hello"})),
    "a list was replaced": (9, put(9, replaced=["hello"])),
    "a reaction replaced a text": (7, put(7, replaced={"body": "hello"})),
    # Names.
    "the admin joined": (2, put(2, name="admin")),
    "the admin in Cyrillic": (3, put(3, name="\u0430dmin")),
    "the owner spoke": (4, put(4, author_name="[owner]")),
    "a name that writes backwards": (4, put(4, author_name="eci\u202elA")),
    "a name that nobody sees": (5, put(5, author_name="\u200b")),
    "no name": (5, put(5, author_name="")),
    "a name with a NUL": (2, put(2, name="Al\0ice")),
    "a name as long as a page": (2, put(2, name="A" * 5000)),
    "an empty name of the room": (1, put(1, name="")),
    "a NUL in the name of the room": (1, put(1, name="gar\0den")),
    # Reactions.
    "a word for a reaction": (4, put(4, reactions=reacted("yes", (1, "Bob")))),
    "a reaction of nobody": (4, put(4, reactions=reacted("👍"))),
    "a reaction of a stranger": (4, put(4, reactions=reacted("👍", (10**9, "Bob")))),
    "reactions that are none": (4, put(4, reactions=[{"members": []}])),
    "a reaction in another form": (4, put(4, reactions=["👍"])),
    "an office beside a reaction": (
        4, lambda lines: lines[3]["reactions"][0]["members"][0].update(office="owner")
    ),
    "a reaction in the name of the house": (
        4, lambda lines: lines[3]["reactions"][0]["members"][0].update(name="system")
    ),
    # Keys and ids.
    "a key with a blank": (4, put(4, client_id="a b")),
    "no key": (4, put(4, client_id="")),
    "a key as long as a page": (4, put(4, client_id="x" * 5000)),
    "an id that is none": (4, put(4, uid="not-an-id")),
    "an id of another kind": (5, put(5, uid=7)),
    "an end with another id": (9, put(9, uid="00000000-0000-4000-8000-000000000000")),
    # Numbers.
    "a number below zero": (4, put(4, seq=-1)),
    "the number zero": (4, put(4, seq=0, updated_seq=0)),
    "a number no database holds": (4, put(4, updated_seq=2**70)),
    "a number in letters": (4, put(4, seq="1")),
    "half a number": (4, put(4, seq=1.5)),
    "a message twice": (5, again(4)),
    "a change twice": (8, again(7)),
    "a change under the number of a message": (7, put(7, seq=2)),
    "a number beyond the end": (6, put(6, seq=70, updated_seq=70)),
    "changed before it was said": (6, put(6, updated_seq=2)),
    "an answer to what comes later": (5, put(5, reply_to=3)),
    "an answer to itself": (5, put(5, reply_to=2)),
    "an answer to a change": (10, answer_a_change),
    "a change to nothing": (7, put(7, message=99)),
    "a change to a change": (8, put(8, message=4)),
    "a change to what comes later": (7, put(7, message=5)),
    "an end below the floor": (10, put(10, floor=7)),
    "a floor above the head": (1, put(1, floor=99)),
    "a head below zero": (1, put(1, head=-5)),
    # People, kinds and times.
    "a stranger spoke": (4, put(4, author=10**9)),
    "a member twice": (3, again(2)),
    "a change of no kind": (7, put(7, kind="promoted")),
    "a member of no kind": (2, put(2, kind="owner")),
    "a room of no kind": (1, put(1, kind="secret")),
    "said in the year 9999": (4, put(4, created_at="9999-12-31T23:59:59Z")),
    "said at the end of all calendars": (4, put(4, created_at="9999-12-31T23:59:59-14:00")),
    "said before 1970": (4, put(4, created_at="1969-12-31T23:59:59Z")),
    "edited in the year 1": (4, put(4, edited_at="0001-01-01T00:00:00+14:00")),
    "changed tomorrow and a day": (7, put(7, at="2999-01-01T00:00:00Z")),
    "joined nowhere in time": (2, put(2, created_at="2026-01-31T12:00:00")),
    "a time that is none": (4, put(4, created_at="noon")),
    # Shapes.
    "a line that is a list": (4, lambda lines: lines[3].update(type="messages")),
    "a tower of lists": (9, build_a_tower),
}  # fmt: skip


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_line_is_refused_by_its_number_and_nothing_is_imported(
    lines: Lines, tmp_path: Path, how: str
) -> None:
    number, forge = FORGED[how]
    forge(lines)
    before = counted()

    with pytest.raises(CommandError, match=rf": Lines? {number}\b"):
        call_command(
            "import_room", str(written(lines, tmp_path / "forged.jsonl")), "--room", "copy"
        )

    assert counted() == before


def test_a_key_that_an_author_used_twice_takes_back_all_that_was_imported(
    lines: Lines, tmp_path: Path
) -> None:
    """Only the database notices; by then people and a room were made."""
    for member in lines[1:3]:
        member["created_at"] = "2020-01-01T00:00:00Z"
    lines[5]["client_id"] = lines[4]["client_id"]
    before = counted()

    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command(
            "import_room", str(written(lines, tmp_path / "forged.jsonl")), "--room", "copy"
        )

    assert counted() == before


def counted() -> list[int]:
    return [model.objects.count() for model in (Room, Member, Message, Change)]


def test_who_is_imported_holds_no_name_and_cannot_be_taken_for_who_is_here(
    lines: Lines, tmp_path: Path
) -> None:
    """Not even by a canonical name that the file makes up."""
    for member in lines[1:3]:
        member["created_at"] = "2020-01-01T00:00:00Z"
    lines[2]["canonical_name"] = lines[1]["canonical_name"]

    call_command("import_room", str(written(lines, tmp_path / "other.jsonl")), "--room", "copy")

    authors = Member.objects.filter(messages__room__key="copy").distinct().order_by("name")
    assert [(a.name, a.canonical_name, a.released_at is None, a.office) for a in authors] == [
        ("Alice", canonical_name("Alice"), False, ""),
        ("Bob", canonical_name("Bob"), False, ""),
    ]
    with pytest.raises(Exception, match="Alice"):
        admission.join(name="Alice")
