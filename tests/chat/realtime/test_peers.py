"""Hints count from nodes whose beat is in our database, and is no copy of one elsewhere."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from django.utils import timezone

from chat.maintenance import node_status
from chat.maintenance.models import NodeBeat
from chat.realtime.database_executors import DatabaseExecutors
from chat.realtime.peer_nodes import Peers
from chat.scheduler import Scheduler

pytestmark = pytest.mark.django_db(transaction=True)


class Newcomer:
    """A node that has just begun."""

    def __init__(self) -> None:
        self.executors = DatabaseExecutors()
        self.met: list[str] = []
        self.has_met, self.has_begun = asyncio.Event(), asyncio.Event()
        self.scheduler = Scheduler()
        self.peers = Peers(self.executors, self.scheduler, self._announce_alive)

    async def beat(self, node: str) -> None:
        await self.executors.write(node_status.beat, NodeBeat(node=node, started_at=timezone.now()))

    async def _announce_alive(self) -> None:
        await self.beat("newcomer")
        self.has_begun.set()

    def _meet(self, node: str) -> None:
        self.met.append(node)
        self.has_met.set()

    async def begin(self) -> None:
        self.peers.start(self._meet)
        await self.has_begun.wait()

    async def trusts_soon(self, node: str, seconds: float = 20) -> bool:
        """What it thinks of a node that speaks now."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self.peers.trusts(node):
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True


@pytest.fixture
async def newcomer() -> AsyncIterator[Newcomer]:
    newcomer = Newcomer()
    yield newcomer
    await newcomer.scheduler.stop()
    newcomer.peers.stop()
    newcomer.executors.close()


async def test_one_that_comes_later_is_ours(newcomer: Newcomer) -> None:
    await newcomer.begin()
    await newcomer.beat("later")

    assert await newcomer.trusts_soon("later")
    assert newcomer.met == ["later"]


async def test_one_that_was_there_is_ours_when_it_beats_again(newcomer: Newcomer) -> None:
    await newcomer.beat("earlier")
    await newcomer.begin()
    assert not newcomer.peers.trusts("earlier")

    await newcomer.beat("earlier")

    assert await newcomer.trusts_soon("earlier")


async def test_one_that_beats_after_it_spoke_is_found_without_another_word(
    newcomer: Newcomer,
) -> None:
    await newcomer.begin()
    assert not newcomer.peers.trusts("hasty")

    await newcomer.beat("hasty")
    await asyncio.wait_for(newcomer.has_met.wait(), 20)

    assert newcomer.met == ["hasty"]


async def test_a_beat_that_came_with_a_copy_says_nothing(newcomer: Newcomer) -> None:
    """The node of the original beats on, but not here."""
    await newcomer.beat("original")
    await newcomer.begin()
    await newcomer.beat("ours")

    assert await newcomer.trusts_soon("ours")
    assert not await newcomer.trusts_soon("original", 1)
    assert not await newcomer.trusts_soon("nowhere", 0.3)


async def test_no_node_is_ours_before_the_database_was_asked(newcomer: Newcomer) -> None:
    await newcomer.beat("original")

    assert not newcomer.peers.trusts("original")
    await asyncio.sleep(0.5)

    assert not newcomer.peers.trusts("original")
