"""backup → wipe → restore gives the same log, and whoever was connected starts anew from it."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from chat import protocol
from chat.accounts import handles, pictures, profile
from chat.accounts.models import Member
from chat.maintenance import backup_backends, log_integrity
from chat.maintenance.database_backup import backup, begin_new_epochs
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.rooms.models import Room, RoomHead
from lab.kit.servers import _postgres_binaries
from tests.clients import Node, deployment, named
from tests.sockets import wait_until

from ..accounts.test_pictures import picture
from ..messages import logs
from ..messages.logs import react, say

garden = logs.garden

PATH = os.environ["PATH"]


@pytest.fixture(autouse=True)
def _client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        monkeypatch.setenv("PATH", f"{_postgres_binaries()}:{PATH}")


@pytest.fixture
def talk(garden: Room, alice: Member) -> Room:
    for number in range(20):
        say(garden, alice, f"line {number}")
    commit.commit_operation(garden, commit.Edit(alice.pk, 3, "edited"))
    commit.commit_operation(garden, commit.Delete(alice.pk, 4))
    commit.commit_operation(garden, react(alice, 5))
    return garden


@pytest.mark.django_db(transaction=True)
def test_what_was_backed_up_wiped_and_restored_is_the_same_log(talk: Room, tmp_path: Path) -> None:
    before, epoch = log_integrity.inspect(talk).checksum, RoomHead.objects.get(room=talk).epoch
    file = tmp_path / "backup"
    call_command("backup", str(file))
    Change.objects.all().delete()
    Message.objects.all().delete()
    RoomHead.objects.filter(room=talk).update(head=0, head_id=None)

    call_command("restore", str(file), "--yes")

    restored = log_integrity.inspect(talk)
    assert restored.checksum == before
    assert restored.fault_count == 0
    assert RoomHead.objects.get(room=talk).epoch != epoch


@pytest.mark.django_db(transaction=True)
def test_nothing_is_replaced_by_mistake(talk: Room, tmp_path: Path) -> None:
    before = log_integrity.inspect(talk).checksum
    file = tmp_path / "backup"
    file.write_bytes(b"no backup at all")

    for arguments in ([str(file)], [str(file), "--yes"], [str(tmp_path / "nowhere"), "--yes"]):
        with pytest.raises(CommandError):
            call_command("restore", *arguments)
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", str(file))

    assert log_integrity.inspect(talk).checksum == before


@pytest.mark.django_db(transaction=True)
def test_who_asks_what_a_restore_would_do_gets_an_answer_and_nothing_else(
    talk: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup"
    call_command("backup", str(file))
    say(talk, Member.objects.get(name="Alice"), "after the backup")
    before = log_integrity.inspect(talk)
    capsys.readouterr()

    call_command("restore", str(file), "--dry-run")

    rooms = Room.objects.count()
    assert capsys.readouterr().out.splitlines()[:2] == [
        f"Here:   {rooms} rooms, 24 messages and changes",
        f"Backup: {rooms} rooms, 23 messages and changes",
    ]
    after = log_integrity.inspect(talk)
    assert (after.checksum, after.epoch) == (before.checksum, before.epoch)


@pytest.mark.django_db(transaction=True)
def test_only_its_user_reads_a_backup(talk: Room, tmp_path: Path) -> None:
    file = tmp_path / "backup"

    call_command("backup", str(file))

    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_is_interrupted_leaves_no_file(talk: Room, tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(size: int) -> None:
        raise Interrupted

    with (
        mock.patch.object(backup_backends, "STEPS", 1),
        pytest.raises((Interrupted, backup_backends.BackupError)),
    ):
        backup(tmp_path / "backup", interrupt)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("here", "there", "advice"),
    [
        ("0099_of_a_newer_version", "0099_of_a_newer_version", "upgrade to that version"),
        ("", "0001_initial", "older version.*chat.0001_initial.*then upgrade and"),
        ("0099_of_a_newer_version", "", "Restore into an empty database"),
    ],
)
def test_a_backup_of_other_tables_is_refused_with_advice(
    here: str, there: str, advice: str, talk: Room, tmp_path: Path
) -> None:
    """`there`: in the file is what is not in the code, or the other way round; `here`: before
    the restore, the same in the database."""
    recorder, file = MigrationRecorder(connection), tmp_path / "backup"
    known = there == "0001_initial"
    if there:
        (recorder.record_unapplied if known else recorder.record_applied)("chat", there)
    try:
        call_command("backup", str(file))
        if known:
            recorder.record_applied("chat", there)
        if here:
            recorder.record_applied("chat", here)

        with pytest.raises(CommandError, match=advice):
            call_command("restore", str(file), "--yes")
        with pytest.raises(CommandError, match=advice):
            call_command("restore", str(file), "--dry-run")
    finally:
        recorder.migration_qs.filter(name="0099_of_a_newer_version").delete()


@pytest.fixture
def wiped(talk: Room, tmp_path: Path) -> Path:
    """A backup of what is here no more."""
    file = tmp_path / "backup"
    call_command("backup", str(file))
    Change.objects.all().delete()
    Message.objects.all().delete()
    RoomHead.objects.filter(room=talk).update(head=0, head_id=None)
    return file


@pytest.mark.django_db(transaction=True)
def test_no_log_is_restored_without_a_new_epoch(talk: Room, wiped: Path) -> None:
    epoch = RoomHead.objects.get(room=talk).epoch

    with (
        mock.patch.object(type(backup_backends.backend()), "new_epochs", "this is no SQL"),
        pytest.raises(CommandError, match="syntax error"),
    ):
        call_command("restore", str(wiped), "--yes")

    log = RoomHead.objects.get(room=talk)
    assert (log.head, log.epoch) == (0, epoch)


@pytest.mark.django_db(transaction=True)
def test_a_restore_that_is_killed_has_not_happened(talk: Room, wiped: Path) -> None:
    """Killed when all was read and nothing was committed."""
    epoch = RoomHead.objects.get(room=talk).epoch
    script = (
        "import pathlib; from chat.maintenance.database_backup import restore\n"
        "from tests.chat.maintenance.test_backup import die\n"
        f"restore(pathlib.Path({str(wiped)!r}), die)"
    )

    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", script],
        env=os.environ | {"DATABASE_URL": _test_database()},
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    wait_until(_nobody_else_works)
    log = RoomHead.objects.get(room=talk)
    assert (log.head, log.epoch) == (0, epoch)


def die(at: int) -> None:
    if connection.vendor == "postgresql":
        # One that has not connected yet would go on after us, unseen, beside the next test.
        wait_until(lambda: not _nobody_else_works())
    os.kill(os.getpid(), signal.SIGKILL)


def _test_database() -> str:
    name = str(connection.settings_dict["NAME"])
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else named(name)


def _nobody_else_works() -> bool:
    """What a dead client began is rolled back."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'psql'"
        )
        return bool(cursor.fetchone()[0] == 0)


@pytest.mark.django_db(transaction=True)
def test_every_log_begins_another_life(talk: Room) -> None:
    epochs = set(RoomHead.objects.values_list("epoch", flat=True))

    assert begin_new_epochs() == RoomHead.objects.count()

    assert epochs.isdisjoint(RoomHead.objects.values_list("epoch", flat=True))


@pytest.fixture
def node(_client_programs: None) -> Iterator[Node]:
    with deployment() as place, place.node("restored", PATH=os.environ["PATH"]) as node:
        yield node


def test_who_is_connected_is_sent_to_the_restored_log(node: Node, tmp_path: Path) -> None:
    room = next(node.rooms)
    alice = node.connect()
    epoch = alice.enter(room)["epoch"]
    first = alice.say(room, "before the backup")
    file = tmp_path / "backup"
    node.manage("backup", str(file))
    alice.say(room, f"after the backup {uuid.uuid4()}")

    node.manage("restore", str(file), "--yes")

    assert alice.close_code() == protocol.CLOSE_RESYNC
    since = {"epoch": epoch, "seq": first["seq"], "id": first["id"]}
    entered = node.connect().enter(room, since=since)
    assert entered["reset"] == "epoch"
    assert [message["body"] for message in entered["messages"]] == ["before the backup"]


@pytest.mark.django_db(transaction=True)
def test_profiles_and_pictures_are_backed_up_and_restored(alice: Member, tmp_path: Path) -> None:
    with transaction.atomic():
        pictures.store(alice, pictures.made_anew(picture()))
        handles.choose(_account(alice), "alice_l")
    content, looks = profile.picture_of(alice), profile.face(alice)
    file = tmp_path / "backup"
    call_command("backup", str(file))
    with transaction.atomic():
        profile.forget(alice)

    call_command("restore", str(file), "--yes")

    assert profile.face(alice) == looks
    assert profile.picture_of(alice) == content


def _account(member: Member) -> Member:
    member.kind = Member.Kind.ACCOUNT
    member.save()
    return member
