"""Whatever happens to two nodes, their bus and their database, the promises hold.

make simulate        20,000 histories of 50 steps
"""

import asyncio
import os
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from chat.rooms.models import Room as RoomModel

from .cluster import FATES, OBEYED_SECONDS
from .cluster_client import Client
from .room_machine import KINDS, RoomMachine

pytestmark = pytest.mark.once

RUNS = int(os.environ.get("SIMULATED_RUNS", "60"))
STEPS = 50
CLIENTS_MAX = 5

NUMBERS = st.integers(0, 9)


class Room(RoomMachine):
    """The rules: what may happen."""

    # --- People -------------------------------------------------------------------------------

    @precondition(lambda self: len(self.cluster.clients) < CLIENTS_MAX)
    @rule(where=NUMBERS)
    def come(self, where: int) -> None:
        async def enter() -> None:
            client = Client(self.cluster, self.node(where))
            self._change(where, partial(self.cluster.log.add, client.member_id))
            await self._enter(client)

        self.run(enter())

    @rule(who=NUMBERS, times=st.integers(1, 4))
    def say(self, who: int, times: int) -> None:
        async def speak() -> None:
            for _ in range(times):
                self.client(who).say()

        self.run(speak())

    @rule(who=NUMBERS, where=NUMBERS)
    def come_back(self, who: int, where: int) -> None:
        async def enter() -> None:
            client = self.client(who)
            if client.connection.closed:
                client.move(self.node(where))
            await self._enter(client)

        self.run(enter())

    @rule(who=NUMBERS)
    def close_socket(self, who: int) -> None:
        async def go() -> None:
            if not self.client(who).connection.closed:
                self.client(who).close_socket()

        self.run(go())

    @rule(who=NUMBERS, noticed=st.booleans())
    def stop_reading(self, who: int, noticed: bool) -> None:
        async def stop() -> None:
            self.client(who).stop_reading(noticed=noticed)

        self.run(stop())

    @rule(who=NUMBERS)
    def read_again(self, who: int) -> None:
        async def read() -> None:
            self.client(who).read_again()

        self.run(read())

    @rule(which=st.integers(0, 100), where=NUMBERS)
    def edit(self, which: int, where: int) -> None:
        async def change() -> None:
            there = list(self.cluster.log.messages)
            if there:
                self.cluster.edit(there[which % len(there)], self.node(where))

        self.run(change())

    # --- The room -----------------------------------------------------------------------------

    @rule(who=NUMBERS)
    def quit(self, who: int) -> None:
        async def go() -> None:
            client, log = self.client(who), self.cluster.log
            self.cluster.change_room(client.node, partial(log.remove, client.member_id))

        self.run(go())

    @rule(who=NUMBERS, where=NUMBERS)
    def remove_member(self, who: int, where: int) -> None:
        member_id = self.client(who).member_id
        self.run(self._changed(where, partial(self.cluster.log.remove, member_id)))

    @rule(who=NUMBERS, where=NUMBERS, after=st.floats(0, 0.1), seconds=st.sampled_from([0, 0.5]))
    def remove_member_who_enters(self, who: int, where: int, after: float, seconds: float) -> None:
        async def enter_and_be_removed() -> None:
            client = self.client(who)
            database = client.node.database
            database.at_least = seconds
            entering = asyncio.ensure_future(self._enter(client))
            await asyncio.sleep(after)
            self._change(where, partial(self.cluster.log.remove, client.member_id))
            await entering
            database.at_least = 0.0

        self.run(enter_and_be_removed())

    @rule(who=NUMBERS, where=NUMBERS)
    def add_member(self, who: int, where: int) -> None:
        member_id = self.client(who).member_id
        self.run(self._changed(where, partial(self.cluster.log.add, member_id)))

    @rule(kind=st.sampled_from(KINDS), where=NUMBERS)
    def open_or_close(self, kind: RoomModel.Kind, where: int) -> None:
        self.run(self._changed(where, partial(self.cluster.log.set_kind, kind)))

    @rule(archived=st.booleans(), where=NUMBERS)
    def archive(self, archived: bool, where: int) -> None:
        self.run(self._changed(where, partial(self.cluster.log.archive, archived)))

    # --- Faults -------------------------------------------------------------------------------

    @rule(where=NUMBERS, fate=st.sampled_from(FATES))
    def doom_the_next_commit(self, where: int, fate: str) -> None:
        self.node(where).fate = fate

    @rule(where=NUMBERS)
    def kill(self, where: int) -> None:
        async def die() -> None:
            self.node(where).kill()

        self.run(die())

    @rule(where=NUMBERS, how=st.sampled_from(["lossy", "late", "deaf", "mend", "heal"]))
    def bus(self, where: int, how: str) -> None:
        bus = self.node(where).bus
        match how:
            case "lossy":
                bus.fail(lost=0.5, doubled=0.5, latest=0.01)
            case "late":
                bus.fail(doubled=0.5, latest=1)
            case "deaf":
                bus.go_deaf()
            case "mend":
                bus.mend()
            case "heal":
                bus.heal()

    @rule(where=NUMBERS, away=st.booleans())
    def database(self, where: int, away: bool) -> None:
        async def reach() -> None:
            self.node(where).reach_database(away=away)

        self.run(reach())

    @rule(seconds=st.floats(0, 0.1) | st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    @rule()
    def settle(self) -> None:
        """By now everyone obeys what holds."""
        self.run(asyncio.sleep(OBEYED_SECONDS + 0.5))


def test_whatever_happens_the_promises_hold() -> None:
    run_state_machine_as_test(
        Room,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
        ),
    )
