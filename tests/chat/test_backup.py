"""backup → wipe → restore gives the same log, and whoever was connected starts anew from it."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from chat import protocol
from chat.drill.servers import _postgres_binaries
from chat.models import Change, Member, Message, Room, RoomHead
from chat.services import inspection, log
from chat.services.backup import begin_new_epochs
from tests.clients import Node, deployment

from . import logs
from .logs import react, say

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
    log.commit_one(garden, log.Edit(alice.pk, 3, "edited"))
    log.commit_one(garden, log.Delete(alice.pk, 4))
    log.commit_one(garden, react(alice, 5))
    return garden


@pytest.mark.django_db(transaction=True)
def test_what_was_backed_up_wiped_and_restored_is_the_same_log(talk: Room, tmp_path: Path) -> None:
    before, epoch = inspection.inspect(talk).checksum, RoomHead.objects.get(room=talk).epoch
    file = tmp_path / "backup"
    call_command("backup", str(file))
    Change.objects.all().delete()
    Message.objects.all().delete()
    RoomHead.objects.filter(room=talk).update(head=0, head_id=None)

    call_command("restore", str(file), "--yes")

    restored = inspection.inspect(talk)
    assert restored.checksum == before
    assert restored.fault_count == 0
    assert RoomHead.objects.get(room=talk).epoch != epoch


@pytest.mark.django_db(transaction=True)
def test_nothing_is_replaced_by_mistake(talk: Room, tmp_path: Path) -> None:
    before = inspection.inspect(talk).checksum
    file = tmp_path / "backup"
    file.write_bytes(b"no backup at all")

    for arguments in ([str(file)], [str(file), "--yes"], [str(tmp_path / "nowhere"), "--yes"]):
        with pytest.raises(CommandError):
            call_command("restore", *arguments)
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", str(file))

    assert inspection.inspect(talk).checksum == before


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
