"""What a tab is told of rooms that changed more than once between two looks of its node."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chat import protocol
from chat.accounts.models import ChangeNumbers, Member
from chat.moderation import room_actions, room_members, room_rules
from chat.moderation.authorization import SYSTEM, Actor
from chat.realtime.connection import Connection
from chat.realtime.list_changes import ListChanges
from chat.realtime.list_reader import ListReader
from chat.realtime.room_access import RoomAccess
from chat.realtime.room_activity import Follower
from chat.realtime.room_stream import RoomStream
from chat.rooms import room_list
from chat.rooms.models import Room
from tests.kit.reads import in_thread


class Executors:
    async def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await in_thread(function, *arguments)


class Tab:
    """Of a member, with what it was told."""

    def __init__(self, member: Member) -> None:
        self.member_id = member.pk
        self.told: list[Any] = []
        self.write = self.told.append
        self.subscriptions: dict[str, Any] = {}


def told_after(tab: Tab, change: Callable[[], None], inside: Room | None = None) -> list[Any]:
    """What this tab, in this room, is told when its node looks again after the change."""
    registry: Any = SimpleNamespace(of=lambda member_id: [tab])
    hub: Any = SimpleNamespace(rooms={}, access_number=0)
    executors: Any = Executors()
    unused: Any = None
    lists = ListReader(executors, unused, unused, registry)
    changes = ListChanges(executors, hub, registry, lists)
    connection: Any = tab
    lists.joined_by[tab.member_id] = {}
    lists.activity.follow(Follower(connection, {}), {})

    def leave(connection: Connection, key: str) -> None:
        connection.subscriptions.pop(key)
        if inside is not None:
            hub.rooms[inside.pk].subscriptions.pop(connection)

    access = RoomAccess(executors, hub, leave)
    changes.on_access = access.refresh
    if inside is not None:
        lists.rooms = room_list.rooms([inside.pk])
        lists.set_public([inside.pk])
        stream = RoomStream(inside, "epoch", 0, None, lambda _: None)
        hub.rooms[inside.pk] = stream
        tab.subscriptions[inside.key] = None
        here: Any = stream.subscriptions
        here[connection] = None

    async def look_twice() -> None:
        await changes.follow(await in_thread(access_number))
        await in_thread(change)
        # As at each look at everything, which may come before the number of the change.
        await changes.look_at(await access.outdated())
        await changes.follow(await in_thread(access_number))

    asyncio.run(look_twice())
    return tab.told


def access_number() -> int:
    return ChangeNumbers.objects.get().access


@pytest.mark.django_db(transaction=True)
def test_a_private_room_that_was_made_and_quit_between_two_looks_is_removed(alice: Member) -> None:
    made: list[str] = []

    def make_and_quit() -> None:
        room = room_actions.create(actor=Actor(alice), name="Den", kind="private", topic="")
        room_members.quit_room(member=alice, room=room)
        made.append(room.key)

    room_actions.create(actor=SYSTEM, name="First", kind="public", topic="")

    assert told_after(Tab(alice), make_and_quit) == [protocol.RoomRemoved(made[0])]


@pytest.mark.django_db(transaction=True)
def test_a_public_room_that_was_joined_and_quit_between_two_looks_is_not_joined(
    alice: Member,
) -> None:
    room = room_actions.create(actor=SYSTEM, name="Garden", kind="public", topic="")

    def join_and_quit() -> None:
        room_members.join(member=alice, room=room)
        room_members.quit_room(member=alice, room=room)

    told = told_after(Tab(alice), join_and_quit)

    assert told == [protocol.RoomUpdated(room=room.key, role="", joined=False)]


@pytest.mark.django_db(transaction=True)
def test_who_is_in_a_room_that_closes_is_told_once(alice: Member) -> None:
    room = room_actions.create(actor=SYSTEM, name="Garden", kind="public", topic="")

    def close() -> None:
        room_rules.rename(actor=SYSTEM, room=room, name="Garden", kind="private")

    assert told_after(Tab(alice), close, inside=room) == [protocol.RoomRemoved(room.key)]
