"""The room list of a member: its rooms, and how many messages are unread in each."""

import pytest

from chat.accounts.models import Member
from chat.messages import commit
from chat.moderation.room_rules import open_room
from chat.realtime.read_markers import save_read_markers
from chat.rooms import room_list
from chat.rooms.models import LOBBY, Room, RoomHead
from tests.chat.messages import logs

garden, bob = logs.garden, logs.bob
pytestmark = pytest.mark.django_db(transaction=True)


def unread_in(room: Room, member: Member) -> int | None:
    lists = room_list.load([member.pk])
    return room_list.unread(lists.rooms[room.pk].posted, lists.markers[member.pk].get(room.pk))


def say(room: Room, member: Member, count: int) -> int:
    """Say so much, in one batch; the last number."""
    start = RoomHead.objects.get(room=room).head
    posts = [commit.Post(member.pk, f"{start}-{n}", "hello") for n in range(count)]
    outcomes = commit.commit_batch(room, posts)
    assert all(isinstance(one, commit.Accepted) for one in outcomes)
    return start + count


def test_messages_count_and_changes_do_not(alice: Member, bob: Member, garden: Room) -> None:
    read = say(garden, bob, 2)
    save_read_markers({(alice.pk, garden.pk): read})
    last = say(garden, bob, 3)
    commit.commit_operation(garden, commit.Edit(bob.pk, last, "changed"))
    commit.commit_operation(garden, commit.React(alice.pk, last, "👍", on=True))
    commit.commit_operation(garden, commit.Post(bob.pk, "answer", "an answer", reply_to=last))

    assert unread_in(garden, alice) == 4
    assert RoomHead.objects.get(room=garden).posted == 6


def test_a_repeat_counts_once(alice: Member, bob: Member, garden: Room) -> None:
    save_read_markers({(alice.pk, garden.pk): 0})
    for _ in range(3):
        commit.commit_operation(garden, commit.Post(bob.pk, "the same", "hello"))

    assert unread_in(garden, alice) == 1


def test_a_marker_in_the_middle_leaves_the_rest_unread(
    alice: Member, bob: Member, garden: Room
) -> None:
    last = say(garden, bob, 10)

    save_read_markers({(alice.pk, garden.pk): last - 4})

    assert unread_in(garden, alice) == 4


def test_nobody_counts_beyond_a_hundred(alice: Member, bob: Member, garden: Room) -> None:
    say(garden, bob, 120)

    save_read_markers({(alice.pk, garden.pk): 1})

    assert unread_in(garden, alice) == room_list.UNREAD_MAX == 100


def test_a_room_that_was_never_opened_has_nothing_unread(
    alice: Member, bob: Member, garden: Room
) -> None:
    say(garden, bob, 1)

    assert unread_in(garden, alice) is None


def test_a_head_that_was_lost_and_rebuilt_counts_on(
    alice: Member, bob: Member, garden: Room
) -> None:
    read = say(garden, bob, 5)
    save_read_markers({(alice.pk, garden.pk): read})
    RoomHead.objects.filter(room=garden).delete()

    commit.commit_operation(garden, commit.Post(bob.pk, "next", "hello"))

    assert unread_in(garden, alice) == 1


def test_the_lobby_comes_first_and_the_list_ends_somewhere(alice: Member) -> None:
    for number in range(60):
        open_room(key=f"a-{number}", name=f"A {number}")
    if not Room.objects.filter(key=LOBBY).exists():
        open_room(key=LOBBY, name="Lobby")

    lists = room_list.load([alice.pk])
    listed = lists.of(alice.pk)

    assert lists.rooms[listed[0]].key == LOBBY
    assert len(listed) == 50
