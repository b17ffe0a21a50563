"""What it costs the database to open a room over the socket; nothing is asked on the event loop.

Django raises when a query is made in the thread of an event loop, so that each of these would fail.
"""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import protocol
from chat.accounts.models import Member
from chat.messages import commit, history
from chat.moderation import room_actions
from chat.moderation.authorization import Actor
from chat.realtime.hub import Hub
from chat.realtime.room_entry import EntryHandler
from chat.rooms.models import Room
from chat.scheduler import Scheduler

# Issue 18: "opening a room costs ≤ 3 queries".
MOST = 3


class CountedReads:
    """Reads in threads, as a node's executors do, and counts the statements."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    async def read(self, service: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(self._counted, service, *arguments)

    def _counted(self, service: Callable[..., Any], *arguments: Any) -> Any:
        try:
            with CaptureQueriesContext(connection) as asked:
                return service(*arguments)
        finally:
            self.statements += [query["sql"] for query in asked]
            connection.close()


class Tab:
    """One that enters a room."""

    is_visitor = closed = False

    def __init__(self, member: Member) -> None:
        self.member_id = member.pk
        self.subscriptions: dict[str, Any] = {}
        self.told: list[Any] = []
        self.write = self.told.append
        self.socket = SimpleNamespace(writable=True, direct_send=lambda: None, write=self.write)


def statements_of(
    room: Room, members: list[Member], since: protocol.Position | None = None
) -> list[int]:
    """How many each of these costs who open the room on one node, one after the other."""
    reads, counts = CountedReads(), []

    async def subscribe(room_id: int) -> None: ...

    async def open_for_each() -> None:
        hub: Any = Hub(reads, None, Scheduler())  # type: ignore[arg-type]
        hub.bus = SimpleNamespace(subscribe=subscribe)
        entry = EntryHandler(reads, hub)  # type: ignore[arg-type]
        for member in members:
            before = len(reads.statements)
            tab: Any = Tab(member)
            await entry.enter(tab, room.key, since, "1")
            assert len(tab.told[0].messages) == 1
            counts.append(len(reads.statements) - before)
            # As after a message: the page is not shared with those who came before.
            hub.rooms[room.pk].last_page = None

    asyncio.run(open_for_each())
    return counts


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["public", "private"])
def test_opening_a_room_costs_at_most_three_queries(
    alice: Member, mallory: Member, kind: str
) -> None:
    room = room_actions.create(actor=Actor(alice), name="Club", kind=kind)
    commit.commit_operation(room, commit.Post(alice.pk, "a", "hello"))

    first, second = statements_of(room, [alice, alice])

    assert first <= MOST
    assert second <= MOST


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["public", "private"])
def test_coming_back_to_a_room_costs_at_most_three_queries(alice: Member, kind: str) -> None:
    room = room_actions.create(actor=Actor(alice), name="Club", kind=kind)
    commit.commit_operation(room, commit.Post(alice.pk, "a", "hello"))
    seen = history.last_page(room)
    assert seen.last_id is not None
    commit.commit_operation(room, commit.Post(alice.pk, "b", "hello again"))

    since = protocol.Position(seen.epoch, seen.last, seen.last_id)
    first, second = statements_of(room, [alice, alice], since)

    assert first <= MOST
    assert second <= MOST
