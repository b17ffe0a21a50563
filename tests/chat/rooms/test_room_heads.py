"""A room that has lost its head gets it back from its rows, and holds nobody up until then."""

from collections.abc import Callable

import pytest
from django.db import transaction

from chat.accounts.models import Member
from chat.errors import NotFound
from chat.maintenance import doctor_checks, log_integrity
from chat.messages import commit, history, room_heads
from chat.messages.models import Message
from chat.rooms.models import Room, RoomHead
from tests import clients
from tests.clients import Node

from ..messages import logs
from ..messages.logs import post, react, say

garden, bob = logs.garden, logs.bob
served = clients.served


def behead(room: Room) -> None:
    RoomHead.objects.filter(room=room).delete()


def nothing(room: Room, alice: Member) -> int:
    return 0


def messages(room: Room, alice: Member) -> int:
    for number in range(3):
        say(room, alice, f"message {number}")
    return 3


def messages_and_changes(room: Room, alice: Member) -> int:
    messages(room, alice)
    commit.commit_batch(room, [commit.Edit(alice.pk, 1, "edited"), react(alice, 2)])
    return 5


STORIES = [nothing, messages, messages_and_changes]


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES)
def test_a_post_goes_on_where_the_rows_end(
    garden: Room, alice: Member, story: Callable[[Room, Member], int]
) -> None:
    head = story(garden, alice)
    before = RoomHead.objects.get(room=garden)
    behead(garden)

    accepted = commit.commit_operation(garden, post(alice, "on and on"))

    after = RoomHead.objects.get(room=garden)
    assert accepted.seq == after.head == head + 1
    assert after.epoch != before.epoch
    assert log_integrity.inspect(garden).faults == []


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES)
def test_a_reader_gets_the_page_that_was_there(
    garden: Room, alice: Member, story: Callable[[Room, Member], int]
) -> None:
    story(garden, alice)
    before = history.last_page(garden)
    behead(garden)

    page = history.last_page(garden)

    assert page.messages == before.messages
    assert (page.head, page.last_id) == (before.head, before.last_id)


@pytest.mark.django_db
def test_what_is_missing_in_the_middle_counts_as_pruned(garden: Room, alice: Member) -> None:
    messages_and_changes(garden, alice)
    Message.objects.in_room(garden.pk).filter(seq=3).delete()
    behead(garden)

    assert room_heads.restore(garden).floor == 3


@pytest.mark.django_db
def test_a_room_that_is_gone_gets_no_head(garden: Room, alice: Member) -> None:
    Room.objects.filter(pk=garden.pk).delete()

    with pytest.raises(NotFound):
        room_heads.restore(garden)
    with pytest.raises(NotFound), transaction.atomic():
        commit.commit_operation(garden, post(alice, "nobody there"))


@pytest.mark.django_db
def test_the_doctor_names_rooms_without_a_head(garden: Room) -> None:
    behead(garden)

    ill = [finding for finding in doctor_checks.examine() if finding.state == "ill"]

    assert any("garden" in finding.what for finding in ill)


BEHEAD = "from chat.models import RoomHead; print(RoomHead.objects.filter(room__key='{}').delete())"


@pytest.mark.parametrize("body", ["plain", "**bold**"])
def test_a_live_room_that_loses_its_head_is_written_in_and_holds_up_no_other(
    served: Node, body: str
) -> None:
    room, elsewhere = next(served.rooms), next(served.rooms)
    alice, bob = served.connect(), served.connect()
    alice.enter(room)
    bob.enter(elsewhere)
    alice.say(room, "before")
    served.manage("shell", "-v0", "-c", BEHEAD.format(room))

    assert alice.say(room, body, client_id="c-1")["seq"] == 2
    # Of another epoch now: who is in the room is asked to come back.
    assert alice.close_code() == 4002
    alice = served.connect()
    alice.enter(room)
    assert [alice.say(room, body)["seq"] for _ in range(2)] == [3, 4]
    assert bob.say(elsewhere, "untouched")["seq"] == 1
    entered = served.connect().enter(room)
    assert [message["body"] for message in entered["messages"]] == ["before", *[body] * 3]
