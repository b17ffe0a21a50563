"""`check_log`: a whole log passes, and each way of being broken is told with its place."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from chat.accounts.models import Member
from chat.maintenance import log_integrity
from chat.messages import commit
from chat.messages.models import Change, Message
from chat.moderation.room_rules import open_room
from chat.rooms.models import Room, RoomHead

from ..messages import logs
from ..messages.logs import post, react, say

garden, bob = logs.garden, logs.bob


@pytest.fixture
def talk(garden: Room, alice: Member, bob: Member) -> Room:
    """Numbers 1–9: five messages; then an edit, a reaction, a deletion, and another edit."""
    for number in range(1, 5):
        say(garden, alice, f"message {number}")
    commit.commit_operation(garden, post(bob, "an answer", reply_to=2))
    commit.commit_operation(garden, commit.Edit(alice.pk, 1, "edited"))
    commit.commit_operation(garden, react(bob, 1))
    commit.commit_operation(garden, commit.Delete(alice.pk, 3))
    commit.commit_operation(garden, commit.Edit(alice.pk, 4, "edited too"))
    return garden


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("check_log", *arguments, stdout=out)
    return out.getvalue()


def test_a_whole_log_passes_with_its_checksum(talk: Room) -> None:
    said = check()

    assert "garden: 1–9, 5 messages, 4 changes" in said
    assert "lobby: 1–0, 0 messages" in said
    assert log_integrity.inspect(talk).checksum in said


def messages(room: Room, seq: int) -> Any:
    return Message.objects.filter(room=room, seq=seq)


def changes(room: Room, seq: int) -> Any:
    return Change.objects.filter(room=room, seq=seq)


def heads(room: Room) -> Any:
    return RoomHead.objects.filter(room=room)


def move_to_another_room(room: Room) -> None:
    """A change of this room is made to point at a message of another."""
    other = open_room(key="cellar", name="Cellar")
    say(other, messages(room, 1).get().author, "elsewhere")
    changes(room, 6).update(message=messages(other, 1).get())


BROKEN: dict[str, tuple[Callable[[Room], object], str]] = {
    "a number is missing": (
        lambda room: messages(room, 2).delete(),
        "number 2 is held by no rows",
    ),
    "two hold one number": (
        lambda room: changes(room, 7).update(seq=5),
        "number 5 is held by 2 rows",
    ),
    "the head is another row": (
        lambda room: heads(room).update(head_id=uuid4()),
        "holds 9",
    ),
    "the head is short": (
        lambda room: heads(room).update(head=8, head_id=changes(room, 8).get().uid),
        "number 9 lies beyond the head, 8",
    ),
    "the head is too far": (
        lambda room: heads(room).update(head=F("head") + 1),
        "number 10 is held by no rows",
    ),
    "a last change is no change": (
        lambda room: messages(room, 2).update(updated_seq=3),
        "message 2 was changed last by 3, which is no change to it",
    ),
    "a last change is another's": (
        lambda room: (
            messages(room, 4).update(updated_seq=4),
            messages(room, 1).update(updated_seq=9),
        ),
        "message 1 was changed last by 9, which is no change to it",
    ),
    "a change was forgotten": (
        lambda room: messages(room, 1).update(updated_seq=6),
        "change 7 is to message 1, whose last change is said to be 6",
    ),
    "a last change lies beyond": (
        lambda room: messages(room, 4).update(updated_seq=30),
        "message 4 was changed last by 30",
    ),
    "a change before its message": (
        lambda room: changes(room, 9).update(message=messages(room, 5).get(), seq=4),
        "change 4 is to message 5",
    ),
    "a change elsewhere": (move_to_another_room, "change 6 is to a message of another room"),
    "an answer to nothing": (
        lambda room: messages(room, 5).update(reply_to=6),
        "message 5 answers 6, which was no message before it",
    ),
    "no epoch": (lambda room: heads(room).update(epoch=""), "the epoch is empty"),
    "a floor above the head": (
        lambda room: heads(room).update(floor=10),
        "the floor, 10, is not between 0 and the head, 9",
    ),
    "no head at all": (lambda room: heads(room).delete(), "the room has no head"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_log_is_told_with_the_place(talk: Room, how: str) -> None:
    assert check("--room", "garden")
    break_it, place = BROKEN[how]
    break_it(talk)

    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("check_log", "--room", "garden", stdout=out)

    assert failed.value.returncode == 1
    assert place in out.getvalue()


@pytest.mark.postgres  # SQLite cannot leave its foreign keys for later inside a transaction
def test_a_change_to_no_message_is_told(talk: Room) -> None:
    """No database lets this happen while it minds its foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        changes(talk, 9).update(message_id=10**9)

        found = log_integrity.inspect(talk)

        assert "change 9 is to a message that is not there" in found.faults
        changes(talk, 9).update(message=messages(talk, 4).get())


def test_faults_are_found_across_windows(talk: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = log_integrity.inspect(talk)
    monkeypatch.setattr(log_integrity, "WINDOW", 2)

    assert log_integrity.inspect(talk) == whole
    messages(talk, 1).update(updated_seq=6)
    assert len(log_integrity.inspect(talk).faults) == 1


def test_the_checksum_is_of_what_was_said_and_of_nothing_else(talk: Room) -> None:
    before = log_integrity.inspect(talk).checksum

    heads(talk).update(epoch="another")
    assert log_integrity.inspect(talk).checksum == before
    messages(talk, 2).update(body="message two")
    assert log_integrity.inspect(talk).checksum != before
