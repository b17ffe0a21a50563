"""The hub finds what the bus did not tell, and follows one log only. In virtual time."""

import asyncio
from uuid import UUID

import pytest

from chat import bus, protocol
from chat.realtime.room_stream import REPLAY_BUFFER_NUMBERS

from .simulation import CONVERGED_SECONDS, World, simulate

pytestmark = pytest.mark.once


def test_a_lost_last_message_is_found_by_looking_at_the_heads() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        world.say()
        await asyncio.sleep(0.1)
        assert alice.seq == 1

        world.bus.fail(lost=1)
        world.say()
        world.bus.heal()
        await asyncio.sleep(CONVERGED_SECONDS)

        alice.equals(world.log)

    simulate(story)


def test_a_gap_is_read_soon_and_not_waited_for() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        world.bus.fail(lost=1)
        world.say()
        world.bus.heal()

        world.say()
        await asyncio.sleep(0.15)

        alice.equals(world.log)
        assert world.database.reads.count("gaps") == 1

    simulate(story)


def test_a_batch_that_was_only_overtaken_costs_no_reading() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        first, second = world.log.post(), world.log.post()
        world.hub.on_message(second)
        await asyncio.sleep(0.02)

        world.hub.on_message(first)

        alice.equals(world.log)
        await asyncio.sleep(0.2)
        assert "gaps" not in world.database.reads

    simulate(story)


def test_a_hint_at_what_never_was_moves_nobody() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        world.say()

        world.hub.on_message(bus.Head(1, 1000))
        await asyncio.sleep(1)
        reads = world.database.reads.count("gaps")
        world.say()
        await asyncio.sleep(0.2)

        alice.equals(world.log)
        assert reads <= 2

    simulate(story)


def test_a_deaf_bus_degrades_the_hub_until_it_hears_again() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        await asyncio.sleep(5)
        assert not world.is_degraded()

        world.bus.go_deaf()
        await asyncio.sleep(5)
        assert world.is_degraded()
        world.say()
        await asyncio.sleep(0.5)
        alice.equals(world.log)

        world.bus.mend()
        world.say()
        await asyncio.sleep(3)
        assert not world.is_degraded()
        assert world.bus.reconnects > 0
        world.say()
        await asyncio.sleep(0.01)
        alice.equals(world.log)

    simulate(story)


def test_no_message_waits_longer_than_a_silent_partition_takes_to_be_noticed() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        await asyncio.sleep(5)
        world.bus.go_deaf()
        for _ in range(40):
            world.say()
            said = world.log.head
            await asyncio.sleep(2.0)
            assert alice.seq >= said

    simulate(story)


def test_a_batch_that_overlaps_what_was_read_is_read_on_from_there() -> None:
    """Nothing tells that it stands on what was read: the database does."""

    async def story(world: World) -> None:
        alice = await world.enter()
        world.bus.fail(lost=1)
        world.say(60)
        late = world.log.post(60)
        world.database.seconds = 0.2
        world.hub.on_message(bus.Head(1, 120))
        for _ in range(900):
            if world.live.head == 100:  # a reading brings a hundred
                break
            await asyncio.sleep(0.001)
        assert alice.seq == 100

        world.hub.on_message(late)
        await asyncio.sleep(CONVERGED_SECONDS)

        alice.equals(world.log)
        assert alice.closed_with == []

    simulate(story)


@pytest.mark.parametrize("missed", range(REPLAY_BUFFER_NUMBERS - 1, REPLAY_BUFFER_NUMBERS + 3))
def test_at_the_edge_of_the_ring_nothing_is_missing(missed: int) -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        await world.enter()
        alice.stop_reading()
        for _ in range(missed):
            world.say(here=True)

        alice.read_again()
        await asyncio.sleep(1)

        world.everyone_equals_the_log()
        assert ("changes_after" in world.database.reads) == (missed > REPLAY_BUFFER_NUMBERS)

    simulate(story)


def test_who_comes_back_with_another_past_is_reset_even_from_memory() -> None:
    async def story(world: World) -> None:
        alice, _ = await world.enter(), await world.enter()
        for _ in range(3):
            world.say(here=True)
        assert alice.position is not None
        alice.leave()
        alice.position = protocol.Position(alice.position.epoch, 2, UUID(int=1))

        await alice.enter()

        assert alice.events[-1]["reset"] == "mismatch"
        alice.equals(world.log)

    simulate(story)


def test_a_restored_log_is_noticed_in_a_silent_room() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        world.say(5, here=True)

        world.log.epoch = "second"
        await asyncio.sleep(CONVERGED_SECONDS)

        assert alice.closed_with == [4002]

    simulate(story)


@pytest.mark.parametrize("seed", range(5))
def test_another_life_of_the_log_sends_everyone_back_to_its_last_page(seed: int) -> None:
    async def story(world: World) -> None:
        tabs = [await world.enter() for _ in range(3)]
        world.say(5)
        await asyncio.sleep(0.1)

        world.log.lose(3)
        world.log.epoch = "second"
        world.say(4)
        await asyncio.sleep(CONVERGED_SECONDS)

        assert [tab.closed_with for tab in tabs] == [[4002]] * 3
        for tab in tabs:
            await tab.enter()
            assert tab.events[-1]["reset"] == "epoch"
        world.everyone_equals_the_log()

    simulate(story, seed)


@pytest.mark.parametrize(
    ("said_since", "heard"),
    [
        (0, True),
        (1, True),
        (2, True),
        (3, True),
        (4, True),
        (10, True),
        (2, False),
        (3, False),
        (4, False),
        (10, False),
    ],
)
def test_a_log_that_lost_its_tail_is_never_followed(said_since: int, heard: bool) -> None:
    """The epoch is the same, as after a failover to a replica that lagged: only the ids tell."""

    async def story(world: World) -> None:
        alice = await world.enter()
        world.say(5)
        await asyncio.sleep(0.1)
        alice.equals(world.log)

        world.log.lose(3)
        world.bus.fail(lost=0 if heard else 1)
        for _ in range(said_since):
            world.say()
            await asyncio.sleep(0.001)
        await asyncio.sleep(CONVERGED_SECONDS)

        assert alice.closed_with == [4002]
        await alice.enter()
        alice.equals(world.log)

    simulate(story)


def test_who_falls_behind_costs_nothing_and_is_served_from_memory() -> None:
    async def story(world: World) -> None:
        alice, bob = await world.enter(), await world.enter()
        alice.stop_reading()
        before = len(alice.events)
        for _ in range(30):
            world.say()
            await asyncio.sleep(0.01)
        assert len(alice.events) == before
        bob.equals(world.log)

        alice.read_again()

        alice.equals(world.log)
        assert "changes_after" not in world.database.reads

    simulate(story)


def test_who_falls_out_of_the_ring_is_served_from_the_database() -> None:
    async def story(world: World) -> None:
        alice, bob = await world.enter(), await world.enter()
        alice.stop_reading()
        for _ in range(REPLAY_BUFFER_NUMBERS // 10 + 5):
            world.say(10)
            await asyncio.sleep(0.01)
        bob.equals(world.log)

        alice.read_again()
        for _ in range(10):
            world.say()
            await asyncio.sleep(0.03)
        await asyncio.sleep(1)

        alice.equals(world.log)
        assert world.database.reads.count("changes_after") >= 5

    simulate(story)
