"""The hub under what single sockets do: many of them, broken ones, leaving ones."""

import asyncio

import pytest

from chat.realtime.room_stream import FANOUT_CHUNK, REPLAY_BUFFER_NUMBERS

from .simulation import Tab, World, simulate

pytestmark = pytest.mark.once


def test_a_broken_socket_does_not_stop_the_others() -> None:
    async def story(world: World) -> None:
        tabs = [await world.enter() for _ in range(3)]
        tabs[1].broken = True

        for _ in range(3):
            world.say()
            await asyncio.sleep(0.1)

        tabs[0].equals(world.log)
        tabs[2].equals(world.log)

    simulate(story)


def test_a_socket_that_breaks_while_it_is_behind_does_not_silence_the_room() -> None:
    async def story(world: World) -> None:
        alice, bob = [await world.enter() for _ in range(2)]
        alice.stop_reading()
        world.say(here=True)
        alice.broken = alice.writable = True

        for _ in range(3):
            world.say()
            await asyncio.sleep(0.1)

        bob.equals(world.log)
        assert alice.closed_with == [1006]

    simulate(story)


def test_a_broken_socket_is_cut_off_and_may_come_back() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        alice.broken = True
        world.say()
        await asyncio.sleep(0.1)
        assert alice.closed_with == [1006]

        await alice.enter()

        alice.equals(world.log)

    simulate(story)


def test_a_long_sweep_leaves_nobody_behind_when_batches_come_during_it() -> None:
    async def story(world: World) -> None:
        everyone = [await world.enter() for _ in range(2 * FANOUT_CHUNK + 100)]

        # The first chunk is written at once; each turn of the loop writes another one.
        for _ in range(12):
            world.say(2, here=True)
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)

        assert {tab.seq for tab in everyone} == {world.log.head}
        assert len(everyone[0].events) < 1 + 12 + 1, "some batches were written twice"
        world.tabs = [everyone[0], everyone[FANOUT_CHUNK], everyone[-1]]
        world.everyone_equals_the_log()

    simulate(story)


def test_a_sweep_lets_other_work_have_its_turn() -> None:
    async def story(world: World) -> None:
        everyone = [await world.enter() for _ in range(FANOUT_CHUNK + 100)]

        world.say(here=True)

        reached = sum(tab.seq == 1 for tab in everyone)
        assert reached == FANOUT_CHUNK
        await asyncio.sleep(0)
        assert {tab.seq for tab in everyone} == {1}

    simulate(story)


def test_who_is_not_at_the_front_hears_the_room_while_it_never_rests() -> None:
    async def story(world: World) -> None:
        everyone = [await world.enter() for _ in range(FANOUT_CHUNK + 1)]
        alice = everyone[0]
        world.say(here=True)
        alice.stop_reading()
        alice.read_again()

        for _ in range(20):
            world.say(here=True)
            await asyncio.sleep(0)

        assert alice.seq >= 19

    simulate(story)


def behind(world: World) -> Tab:
    """A tab that has stopped reading, and has fallen out of the ring."""
    alice = world.tabs[0]
    alice.stop_reading()
    for _ in range(REPLAY_BUFFER_NUMBERS // 10 + 15):
        world.say(10, here=True)
    return alice


def test_who_leaves_while_being_brought_up_hears_no_more() -> None:
    async def story(world: World) -> None:
        await world.enter()
        await world.enter()
        alice = behind(world)
        await asyncio.sleep(1)
        alice.read_again()

        alice.leave()

        await asyncio.sleep(1)  # the tab fails on any frame that comes now

    simulate(story)


def test_who_comes_back_while_being_brought_up_gets_nothing_twice() -> None:
    async def story(world: World) -> None:
        await world.enter()
        await world.enter()
        alice = behind(world)
        await asyncio.sleep(1)
        alice.read_again()

        await alice.enter()

        await asyncio.sleep(1)
        alice.equals(world.log)

    simulate(story)


def test_without_a_database_who_is_behind_is_sent_away_once() -> None:
    async def story(world: World) -> None:
        await world.enter()
        await world.enter()
        alice = behind(world)
        await asyncio.sleep(1)
        world.database.away = True
        alice.read_again()
        await asyncio.sleep(3)
        assert alice.closed_with == [4002]
        assert world.database.reads.count("changes_after") <= 3

        world.database.away = False
        await alice.enter()

        alice.equals(world.log)

    simulate(story)


def test_a_room_without_people_is_followed_no_more() -> None:
    async def story(world: World) -> None:
        alice = await world.enter()
        assert world.bus.rooms == {1}

        alice.leave()
        await asyncio.sleep(0.1)

        assert world.bus.rooms == set()
        assert world.hub.rooms == {}
        world.say(3)
        await alice.enter()
        alice.equals(world.log)

    simulate(story)


def test_one_reading_serves_all_who_enter_at_once() -> None:
    async def story(world: World) -> None:
        world.log.post(3)

        await asyncio.gather(*(world.enter() for _ in range(100)))

        world.everyone_equals_the_log()
        assert world.database.reads.count("last_page_encoded") == 1

    simulate(story)
