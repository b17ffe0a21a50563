"""Who is shut out of a live room, and who is not: a look at the database takes time."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chat.accounts.models import Member
from chat.moderation import room_actions
from chat.moderation.authorization import Actor
from chat.realtime.room_access import RoomAccess
from chat.realtime.room_stream import RoomStream
from chat.rooms.models import Room
from tests.kit.reads import in_thread


class SlowLook:
    """Reads the database; somebody comes in before the answer is there."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile

    async def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        answer = await in_thread(function, *arguments)
        self._meanwhile()
        return answer


class Tab:
    """Of a member, with what it was told."""

    def __init__(self, member: Member) -> None:
        self.member_id = member.pk
        self.told: list[Any] = []
        self.write = self.told.append


def look(room: Room, inside: list[Tab], comes_in: list[Tab]) -> None:
    """Look who may stay in the room, while others come in."""
    stream = RoomStream(room, "epoch", 0, None, lambda _: None)
    tabs: Any = stream.subscriptions
    tabs.update(dict.fromkeys(inside))
    hub: Any = SimpleNamespace(access_number=0, rooms={room.pk: stream})
    executors: Any = SlowLook(lambda: tabs.update(dict.fromkeys(comes_in)))
    access = RoomAccess(executors, hub, lambda tab, key: tabs.pop(tab))
    asyncio.run(access.refresh([room.pk]))


@pytest.mark.django_db(transaction=True)
def test_a_member_who_comes_in_during_the_look_stays(alice: Member, mallory: Member) -> None:
    room = room_actions.create(actor=Actor(alice), name="Club", kind="private", topic="")
    alices, mallorys = Tab(alice), Tab(mallory)

    look(room, inside=[mallorys], comes_in=[alices])

    assert alices.told == []
    assert [frame.room for frame in mallorys.told] == [room.key]
