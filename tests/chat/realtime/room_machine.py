"""A room on two nodes as a state machine: how it begins, how people talk in it, and what must hold.

What may happen to it is said by the rules of test_state_machine.py.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from chat.errors import NotFound, Unavailable
from chat.realtime import bus_monitor as monitor_module
from chat.realtime import hub as hub_module
from chat.realtime import presence as presence_module
from chat.rooms.models import Room

from .cluster import Cluster, Node
from .cluster_client import Client
from .simulation import VirtualLoop

# After the last fault: two seconds to converge, and what clients wait before they try again.
QUIET_SECONDS = 12.0
KINDS = [Room.Kind.PUBLIC, Room.Kind.PRIVATE]


class RoomMachine(RuleBasedStateMachine):
    """One room on two nodes, open to all or to its members alone. The checker says what may not
    happen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.stack = contextlib.ExitStack()
        clock = SimpleNamespace(monotonic=self.loop.time)
        self.stack.enter_context(patch.object(monitor_module, "time", clock))
        self.stack.enter_context(patch.object(presence_module, "time", clock))
        self.failures: list[Any] = []
        self.loop.set_exception_handler(lambda _, why: self.failures.append(why))

    @initialize(seed=st.integers(0, 2**32), people=st.integers(1, 3), kind=st.sampled_from(KINDS))
    def open(self, seed: int, people: int, kind: Room.Kind) -> None:
        random = Random(seed)
        self.stack.enter_context(patch.object(hub_module, "random", random))

        async def begin() -> None:
            self.cluster = Cluster(random)
            self.cluster.log.room.kind = kind

        self.run(begin())
        for number in range(people):
            self.come(number)

    def run(self, story: Coroutine[Any, Any, None]) -> None:
        """Have it happen while people talk, and let the world go on for a moment, or not."""
        self.loop.run_until_complete(story)
        self.loop.run_until_complete(self._talk())

    async def _talk(self) -> None:
        # Hypothesis leaves out some of the rules in each run: people always talk.
        random = self.cluster.random
        if self.cluster.clients and random.random() < 0.5:
            random.choice(self.cluster.clients).say()
        await asyncio.sleep(random.choice([0, 0, 0.005, 0.03]))

    def client(self, number: int) -> Client:
        return self.cluster.clients[number % len(self.cluster.clients)]

    def node(self, number: int) -> Node:
        return self.cluster.nodes[number % len(self.cluster.nodes)]

    def come(self, where: int) -> None:
        """Someone new comes to this node; a rule."""
        raise NotImplementedError

    async def _enter(self, client: Client) -> None:
        if not client.entering:
            try:
                await client.enter()
            except Unavailable:
                pass
            except NotFound:
                # Another may have been true a moment ago.
                changed_at = self.cluster.access_at
                assert not (
                    self.cluster.may_see(client) and self.cluster.must_be_obeyed(changed_at)
                )

    async def _changed(self, where: int, change: Callable[[], None]) -> None:
        self._change(where, change)

    def _change(self, where: int, change: Callable[[], None]) -> None:
        self.cluster.change_room(self.node(where), change)

    # --- The promises -------------------------------------------------------------------------

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.failures == []
        if hasattr(self, "cluster"):
            assert [node.violations for node in self.cluster.nodes] == [[], []]

    def teardown(self) -> None:
        try:
            if hasattr(self, "cluster"):
                self.loop.run_until_complete(self._everything_mends())
                assert self.cluster.findings() == []
                self.nothing_is_wrong()
        finally:
            self.stack.close()
            self.loop.close()

    async def _everything_mends(self) -> None:
        for node in self.cluster.nodes:
            node.bus.heal()
            node.fate = ""
            node.reach_database(away=False)
        self._change(0, partial(self.cluster.log.archive, False))
        await asyncio.sleep(3)
        for client in self.cluster.clients:
            client.read_again()
            await asyncio.sleep(0.05)
            if not client.in_room:
                await self._enter(client)
        await asyncio.sleep(QUIET_SECONDS)
        for client in self.cluster.clients:
            assert client.in_room == self.cluster.may_see(client)
            if not client.in_room:
                continue
            assert client.outbox == [], "said, and never taken"
            client.equals(self.cluster.log)
            client.end()
        for node in self.cluster.nodes:
            await node.scheduler.stop()
            assert node.failures == []
