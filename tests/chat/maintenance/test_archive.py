"""`export_room` and `import_room`: the same log again, whatever happens meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from chat.accounts.models import Member
from chat.maintenance import (
    archive,
    archive_checks,
    log_integrity,
    retention,
    room_export,
    room_import,
)
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.messages.operations import Restore
from chat.moderation.room_rules import open_room
from chat.rooms import access
from chat.rooms.models import Room, RoomHead

from ..messages import logs
from ..messages.logs import post, react, say

garden, bob = logs.garden, logs.bob

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(garden: Room, alice: Member, bob: Member) -> Room:
    """Every kind of change, and what it replaced; number 14 is the last."""
    for number in range(1, 6):
        say(garden, alice, f"message {number} 🌱")
    commit.commit_operation(garden, post(bob, "an answer", reply_to=2))
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "edited"))
    commit.commit_operation(garden, react(bob, 1))
    commit.commit_operation(garden, react(alice, 1))
    commit.commit_operation(garden, commit.Delete(alice.pk, 3))
    commit.commit_operation(garden, react(bob, 4))
    commit.commit_operation(garden, commit.Delete(None, 4, moderator=True))
    commit.commit_operation(garden, commit.Delete(None, 1, moderator=True))
    commit.commit_operation(garden, Restore(None, 1))
    return garden


@pytest.fixture
def _small_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_export, "SECTION", 3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "garden.jsonl"


def told(command: str, *arguments: object) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def room(key: str) -> Room:
    return Room.objects.get(key=key)


def checksum(key: str) -> str:
    found = log_integrity.inspect(room(key))
    assert (found.faults, found.notes) == ([], [])
    return found.checksum


def forget_everyone() -> None:
    """As if this were another database: nobody in the file is known here."""
    for member in Member.objects.all():
        member.canonical_name += " of old"
        member.created_at -= timedelta(days=1)
        member.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("section", [1000, 3])
def test_a_room_that_was_exported_and_imported_is_the_same_log(
    talk: Room, alice: Member, file: Path, section: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_export, "SECTION", section)

    assert "bytes" in told("export_room", "garden", file)
    said = told("import_room", file, "--room", "copy")

    assert checksum("copy") == checksum("garden")
    assert f"copy: 1–14, 6 messages, 8 changes\n  checksum {checksum('copy')}" in said
    assert room("copy").kind == Room.Kind.PUBLIC
    assert RoomHead.objects.get(room=room("copy")).epoch != RoomHead.objects.get(room=talk).epoch
    assert set(Message.objects.filter(room=talk).values_list("author", flat=True)) == set(
        Message.objects.filter(room=room("copy")).values_list("author", flat=True)
    )
    say(room("copy"), alice, "and it goes on")
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("_small_sections")
def test_in_another_database_those_who_spoke_become_past_members(
    talk: Room, alice: Member, bob: Member, file: Path
) -> None:
    told("export_room", "garden", file)
    forget_everyone()

    told("import_room", file, "--room", "copy")
    told("import_room", file, "--room", "second-copy")

    assert checksum("copy") == checksum("second-copy") == checksum("garden")
    imported = Member.objects.exclude(pk__in=[alice.pk, bob.pk]).order_by("name")
    assert [(m.name, m.created_at, m.released_at is None) for m in imported] == [
        ("Alice", alice.created_at, False),
        ("Bob", bob.created_at, False),
    ]
    ids = {who["id"] for m in Message.objects.filter(room=room("copy")) for who in reacted(m)}
    assert ids == {m.pk for m in imported}
    removal = Change.objects.get(room=room("copy"), seq=12)
    assert removal.replaced is not None
    assert removal.replaced["reactions"][0]["members"][0]["id"] == imported[1].pk


def reacted(message: Message) -> list[dict[str, Any]]:
    return [member for reaction in message.reactions or [] for member in reaction["members"]]


@pytest.mark.usefixtures("_small_sections")
def test_what_is_said_and_changed_meanwhile_is_exported_too(
    talk: Room, alice: Member, bob: Member, file: Path
) -> None:
    """At every step something that was written already changes, and something that was not."""
    meanwhile: list[Callable[[], object]] = [
        lambda: commit.commit_operation(talk, commit.Edit(alice.pk, 2, "edited meanwhile")),
        lambda: say(talk, bob, "said meanwhile"),
        lambda: commit.commit_operation(talk, react(bob, 5)),
        lambda: commit.commit_operation(talk, commit.Delete(alice.pk, 2)),
        lambda: commit.commit_operation(talk, react(alice, 5)),
    ]
    for _ in room_export.export(talk, file):
        if meanwhile:
            meanwhile.pop(0)()
    assert not meanwhile

    told("import_room", file, "--room", "copy")

    assert checksum("copy") == checksum("garden")


@pytest.mark.usefixtures("_small_sections")
@pytest.mark.parametrize("floor", [2, 5, 8, 12])
@pytest.mark.parametrize("sections", [0, 1, 3])
def test_what_is_pruned_meanwhile_is_pruned_in_the_copy(
    talk: Room, bob: Member, file: Path, floor: int, sections: int
) -> None:
    commit.commit_operation(talk, react(bob, 2))
    export = room_export.export(talk, file)
    for _ in islice(export, sections):
        pass
    for _ in retention.prune(retention.Plan(talk, 0, floor)):
        pass
    for _ in export:
        pass

    told("import_room", file, "--room", "copy")

    assert checksum("copy") == checksum("garden")
    assert RoomHead.objects.get(room=room("copy")).floor == floor


@pytest.mark.usefixtures("_small_sections")
def test_an_export_goes_on_wherever_it_was_cut_off(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)
    whole = file.read_bytes()
    part = file.with_name("garden.jsonl.part")

    for cut in range(0, len(whole), 97):
        file.unlink()
        part.write_bytes(whole[:cut])

        told("export_room", "garden", file)

        assert not part.exists()
        assert file.stat().st_mode & 0o077 == 0
        assert log_lines(file.read_bytes()) == log_lines(whole)
        if cut > whole.index(b"\n"):
            assert file.read_bytes().startswith(whole[:cut].rpartition(b'{"type":"upto"')[0])


def log_lines(content: bytes) -> list[bytes]:
    """Without those that name times and sums."""
    own = (b'{"type":"room"', b'{"type":"upto"')
    return [line for line in content.splitlines() if not line.startswith(own)]


@pytest.mark.usefixtures("_small_sections")
@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_an_import_goes_on_where_it_was_stopped(talk: Room, file: Path, steps: int) -> None:
    told("export_room", "garden", file)
    forget_everyone()
    with file.open("rb") as opened:
        source = archive_checks.source(opened)
        stopped = room_import.begin(source, "copy")
        for _ in islice(room_import.fill(stopped, source), steps):
            pass
    assert not access.visible_to(None).filter(key="copy").exists()

    assert "copy would be finished" in told("import_room", file, "--room", "copy", "--dry-run")
    told("import_room", file, "--room", "copy")

    assert checksum("copy") == checksum("garden")
    assert Member.objects.filter(name="Alice").count() == 2  # she, and the past one
    with pytest.raises(CommandError, match="There is a room “copy” already"):
        told("import_room", file, "--room", "copy")


def test_a_section_that_was_not_taken_in_at_once_is_taken_in_again(
    talk: Room, bob: Member, file: Path
) -> None:
    """Between the two attempts somebody else takes the keys that the first had."""
    told("export_room", "garden", file)
    with file.open("rb") as opened:
        source = archive_checks.source(opened)
        copy = room_import.begin(source, "copy")
        [section] = source.sections()
    ids = {who.id: who.id for who in section.lines if isinstance(who, archive.Person)}
    ready = room_import._prepare_section(copy, section, ids)
    with transaction.atomic():
        room_import._store_section(copy, ready, 0)
        transaction.set_rollback(True)
    commit.commit_operation(talk, react(bob, 5))

    room_import._store_section(copy, ready, 0)

    assert Change.objects.filter(room=copy).count() == 8
    assert Change.objects.filter(room=talk).count() == 9


def test_an_export_does_not_go_on_with_another_log(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)
    file.rename(file.with_name("garden.jsonl.part"))
    open_room(key="cellar", name="Cellar")

    with pytest.raises(CommandError, match="delete it and start anew"):
        told("export_room", "cellar", file)
    RoomHead.objects.filter(room=talk).update(epoch="restored")
    with pytest.raises(CommandError, match="delete it and start anew"):
        told("export_room", "garden", file)


def test_an_import_does_not_go_on_with_another_file(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)
    other = file.with_name("other.jsonl")
    told("export_room", "garden", other)
    with other.open("rb") as opened:
        room_import.begin(archive_checks.source(opened), "copy")

    with pytest.raises(CommandError, match="There is a room “copy” already"):
        told("import_room", file, "--room", "copy")


def test_two_exports_into_one_file_are_one_too_many(talk: Room, file: Path) -> None:
    first = room_export.export(talk, file.with_name("garden.jsonl.part"))
    next(first)

    with pytest.raises(CommandError, match="Another command is writing"):
        told("export_room", "garden", file)


def spoil(number: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def spoilt(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        lines[number - 1] = change(lines[number - 1])
        return b"".join(lines)

    return spoilt


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no JSON": (spoil(4, lambda line: line[:-9] + b"\n"), "Line 4 is damaged"),
    "no UTF-8": (spoil(2, lambda line: line.replace(b'"Alice"', b'"\xff"')), "Line 2 is damaged"),
    "no such field": (spoil(5, lambda line: line.replace(b'"seq"', b'"sea"')), "Line 5 is damaged"),
    "another letter": (
        spoil(4, lambda line: line.replace(b"message", b"massage", 2)),
        "Line 4 is damaged",
    ),
    "another word": (spoil(4, lambda line: line.replace(b"edited", b"edeted")), "Lines 2–"),
    "a line too few": (spoil(6, lambda line: b""), "Lines 2–"),
    "a line twice": (spoil(5, lambda line: line + line), "Lines 2–"),
    "another beginning": (spoil(1, lambda line: b"{}\n"), "Line 1 is damaged"),
    "no beginning": (spoil(1, lambda line: b""), "Line 1 is not the beginning"),
    "a newer format": (
        spoil(1, lambda line: line.replace(b'"format":1', b'"format":2')),
        "with the version that wrote it",
    ),
    "two files": (lambda content: content + content, "begins another export"),
    "not all of it": (lambda content: content[:-20], "run export_room again"),
    "nothing": (lambda content: b"", "Line 1 is damaged"),
}


@pytest.mark.usefixtures("_small_sections")
@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_file_is_told_with_the_line_and_changes_nothing(
    talk: Room, file: Path, how: str
) -> None:
    told("export_room", "garden", file)
    whole = file.read_bytes()
    spoil_it, place = SPOILT[how]
    file.write_bytes(spoil_it(whole))
    assert file.read_bytes() != whole
    forget_everyone()
    members = Member.objects.count()

    with pytest.raises(CommandError, match=place):
        told("import_room", file, "--room", "copy")

    assert not Room.objects.filter(key="copy").exists()
    assert Member.objects.count() == members
    file.write_bytes(whole)
    told("import_room", file, "--room", "copy")
    assert checksum("copy") == checksum("garden")


def test_what_was_broken_before_is_not_opened(talk: Room, file: Path) -> None:
    Message.objects.filter(room=talk, seq=5).delete()
    told("export_room", "garden", file)

    with pytest.raises(CommandError, match="number 5 is held by no rows"):
        told("import_room", file, "--room", "copy")

    assert room("copy").kind == Room.Kind.PRIVATE


def test_a_dry_run_imports_nothing(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)

    said = told("import_room", file, "--room", "copy", "--dry-run")

    assert said == "copy would be made, with numbers up to 14.\n"
    assert not Room.objects.filter(key="copy").exists()


def test_mistakes_are_told_before_anything_is_done(talk: Room, file: Path) -> None:
    told("export_room", "garden", file)

    for arguments, what in (
        (("import_room", file), "There is a room “garden” already"),
        (("import_room", file, "--room", "No Key"), "Lower-case"),
        (("import_room", file.with_name("nowhere.jsonl")), "No such file"),
        (("import_room", file.with_name("garden.txt")), "No such file"),
        (("export_room", "garden", file), "exists; name another"),
        (("export_room", "garden", file.with_name("garden.txt")), "end in .jsonl or .csv"),
        (("export_room", "cellar", file), "no room “cellar”"),
    ):
        with pytest.raises(CommandError, match=what):
            told(*arguments)


def test_a_person_whom_the_file_does_not_introduce_is_told(talk: Room, file: Path) -> None:
    """A file with sound sums may be wrong all the same: whoever wrote it was."""
    told("export_room", "garden", file)
    with file.open("rb") as sound, file.with_name("wrong.jsonl").open("w+b") as wrong:
        header = archive.header(sound)
        [section] = archive.sections(sound)
        said = [line for line in section.lines if isinstance(line, archive.MessageLine)]
        writer = archive.ArchiveWriter(wrong, lambda: header)
        writer.add(said, seq=section.upto.seq, floor=0, uid=section.upto.uid, end=True)

    with pytest.raises(CommandError, match="does not say who it is"):
        told("import_room", file.with_name("wrong.jsonl"), "--room", "copy")
