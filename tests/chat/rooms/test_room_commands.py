"""Rooms from the server: `create_room`, `list_rooms`, `archive_room`, `add_member`."""

import pytest
from django.core.management import CommandError, call_command

from chat.accounts.models import Member
from chat.moderation.models import AuditEntry
from chat.rooms import access
from chat.rooms.models import Membership, Room


def test_a_room_is_made_with_an_owner(
    lobby: Room, alice: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_room", "Book club", "--private", "--owner", str(alice.pk))

    key = capsys.readouterr().out.strip()
    room = access.room_for(alice.pk, key)
    assert (room.name, room.kind) == ("Book club", "private")
    assert Membership.objects.get(room=room, member=alice).role == "owner"
    assert AuditEntry.objects.filter(room=room, action="room_opened").exists()


def test_rooms_are_listed_archived_and_get_members(
    lobby: Room, alice: Member, mallory: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_room", "Garden", "--key", "garden")
    call_command("add_member", "garden", str(alice.pk), str(mallory.pk), "--role", "moderator")
    call_command("archive_room", "garden")
    capsys.readouterr()

    call_command("list_rooms")

    assert capsys.readouterr().out.splitlines()[0] == "garden\tarchived\t2\t0\tGarden"
    call_command("archive_room", "garden", "--restore")
    assert not Room.objects.get(key="garden").is_archived


@pytest.mark.parametrize(
    "command",
    [
        ["create_room", "Lobby", "--key", "lobby"],
        ["create_room", "Den", "--owner", "999999"],
        ["create_room", ""],
        ["archive_room", "lobby"],
        ["archive_room", "nowhere"],
        ["add_member", "lobby", "999999"],
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(lobby: Room, command: list[str]) -> None:
    with pytest.raises(CommandError, match=r"\w+ .+\."):
        call_command(*command)
