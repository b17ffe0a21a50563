"""The simulated log answers as the real reading services do, about the same history."""

from random import Random
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings

from chat import protocol
from chat.accounts.models import Member
from chat.messages import catch_up, commit, history, room_heads, wire_messages
from chat.messages.models import Change, Message
from chat.rooms.models import Room, RoomHead

from .memory import PAGE, TOO_FAR, Log

pytestmark = pytest.mark.django_db


@pytest.fixture
def histories(lobby: Room, alice: Member) -> Log:
    """A history of posts and edits in the lobby, and the simulated log that holds the same."""
    random = Random(7)
    for start in range(0, 700, 50):
        commit.commit_batch(
            lobby, [commit.Post(alice.pk, str(uuid4()), f"line {n}") for n in range(50)]
        )
        for seq in random.sample(range(1, start + 50), 10):
            commit.commit_batch(lobby, [commit.Edit(alice.pk, seq, f"edited {uuid4()}")])
    return copy_of(lobby)


def copy_of(room: Room) -> Log:
    copy = Log(room)
    copy.epoch = RoomHead.objects.get(room=room).epoch
    ids = dict(Message.objects.filter(room=room).values_list("seq", "uid"))
    ids |= dict(Change.objects.filter(room=room).values_list("seq", "uid"))
    copy.ids = [None, *(ids[seq] for seq in range(1, len(ids) + 1))]
    messages = wire_messages.wire_messages(Message.objects.in_room(room.pk), 10_000)
    copy.messages = {message.seq: message for message in messages}
    return copy


def test_they_agree_on_the_limits() -> None:
    assert (PAGE, TOO_FAR) == (settings.HISTORY_MAX_SIZE, settings.CATCH_UP_MAX)


def test_they_agree_on_what_a_reader_at_any_place_gets(lobby: Room, histories: Log) -> None:
    epoch, head, _ = room_heads.end_position(lobby)
    places = [0, 1, 5, head - TOO_FAR - 1, head - TOO_FAR, head - 101, head - 1, head, head + 1]
    positions = [
        protocol.Position(at_epoch, seq, id_)
        for seq in places
        for at_epoch in (epoch, "another")
        for id_ in ([histories.ids[seq]] if seq <= head else [uuid4()]) + ([uuid4()] if seq else [])
    ]

    assert histories.end_position(lobby) == room_heads.end_position(lobby)
    assert histories.heads([lobby.pk]) == room_heads.heads([lobby.pk])
    assert same(histories.last_page_encoded(lobby), history.last_page_encoded(lobby))
    for position in positions:
        assert same(
            histories.since_encoded(lobby, position), catch_up.since_encoded(lobby, position)
        ), position
        if position.seq <= head:
            assert same(
                histories.changes_after(lobby, position.seq),
                catch_up.changes_after(lobby, position.seq),
            )
        gap = lobby, position.seq, position.id, position.epoch
        assert same(histories.gap(*gap), catch_up.gap(*gap)), position


def same(simulated: Any, real: Any) -> bool:
    return bool(msgspec.msgpack.encode(simulated) == msgspec.msgpack.encode(real))
