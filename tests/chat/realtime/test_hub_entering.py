"""Who enters a room while things happen misses nothing, and comes in. In virtual time."""

import asyncio

import pytest

from chat import protocol
from chat.errors import NotFound, Unavailable
from chat.rooms.models import Room

from .simulation import CONVERGED_SECONDS, Tab, World, simulate

pytestmark = pytest.mark.once


def test_what_is_said_while_one_enters_is_not_missed() -> None:
    async def story(world: World) -> None:
        await world.enter()
        world.say(here=True)  # so that the page is read anew
        world.database.seconds = 0.2
        entering = asyncio.ensure_future(world.enter())
        for _ in range(40):
            await asyncio.sleep(0.01)
            if not entering.done():
                world.say(here=True)

        # No look at the heads could tell: the hub itself is up to date.
        await asyncio.sleep(0.05)
        assert entering.done()
        world.everyone_equals_the_log()

    simulate(story)


async def enter_ahead(world: World) -> Tab:
    """Someone who has heard more elsewhere than this node has, so that it must ask the database."""
    await world.enter()
    world.bus.fail(lost=1)
    world.say()
    tab = Tab(world)
    world.tabs.append(tab)
    tab.position = protocol.Position(world.log.epoch, 1, world.log.ids[1])
    await tab.enter()
    assert world.live.head < tab.seq
    return tab


@pytest.mark.parametrize("seed", range(10))
def test_who_asks_anew_while_things_come_is_told_each_once(seed: int) -> None:
    async def story(world: World) -> None:
        alice = await enter_ahead(world)
        world.database.seconds = 0.2
        asking = asyncio.create_task(alice.enter())
        for _ in range(20):
            world.say(here=True)
            await asyncio.sleep(0.02)
        await asking

        await asyncio.sleep(CONVERGED_SECONDS)

        assert [tab.seq for tab in world.tabs] == [world.log.head] * 2

    simulate(story, seed)


def test_who_asks_anew_and_is_refused_hears_on() -> None:
    async def story(world: World) -> None:
        alice = await enter_ahead(world)
        world.database.away = True
        with pytest.raises(Unavailable):
            await alice.enter()
        world.database.away = False
        world.say()

        await asyncio.sleep(CONVERGED_SECONDS)

        assert [tab.seq for tab in world.tabs] == [world.log.head] * 2

    simulate(story)


@pytest.mark.parametrize("moment", [0.01 * number for number in range(12)])
def test_what_is_said_while_a_room_is_opened_is_not_missed(moment: float) -> None:
    async def story(world: World) -> None:
        world.database.seconds = 0.05
        entering = asyncio.ensure_future(world.enter())
        await asyncio.sleep(moment)
        world.say()
        await entering
        world.say()

        # Sooner than any look at the heads.
        await asyncio.sleep(0.3)
        world.everyone_equals_the_log()

    simulate(story, seed=round(100 * moment))


def test_a_room_found_for_one_member_is_not_handed_to_another() -> None:
    async def story(world: World) -> None:
        world.log.room.kind = Room.Kind.PRIVATE
        world.log.members = {1}

        answers = await asyncio.gather(
            *(world.hub.room(member_id, "lobby") for member_id in (1, 2, 1, 3)),
            return_exceptions=True,
        )
        late = await asyncio.gather(world.hub.room(4, "lobby"), return_exceptions=True)

        assert [isinstance(answer, NotFound) for answer in answers] == [False, True, False, True]
        assert answers[0] is answers[2] is world.live
        assert isinstance(late[0], NotFound)

    simulate(story)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("degraded", [True, False])
def test_who_enters_first_gets_in_however_long_the_page_takes(
    seconds: float, degraded: bool
) -> None:
    async def story(world: World) -> None:
        if degraded:
            world.bus.go_deaf()
            await asyncio.sleep(5)
            assert world.is_degraded()
        world.say(3)
        world.database.at_least = seconds

        alice = await asyncio.wait_for(world.enter(), 4 * seconds)

        assert alice.in_room
        assert world.database.reads.count("last_page_encoded") == 1
        world.database.at_least = 0.0
        world.say(2)
        await asyncio.sleep(3)
        alice.equals(world.log)

    simulate(story)


@pytest.mark.parametrize("is_live", [True, False])
def test_a_room_that_somebody_failed_to_enter_is_closed_again(is_live: bool) -> None:
    async def story(world: World) -> None:
        if is_live:
            await world.hub.room(1, "lobby")
        world.database.away_for = {"last_page_encoded"}
        with pytest.raises(Unavailable):
            await world.entry.enter(Tab(world).connection, "lobby", None, "1")
        assert bool(world.hub.rooms) == bool(world.bus.rooms) == is_live

        await asyncio.sleep(3)

        assert not world.hub.rooms
        assert not world.bus.rooms

    simulate(story)


def test_who_comes_from_a_node_that_heard_more_gets_only_the_rest() -> None:
    async def story(world: World) -> None:
        bob = await enter_ahead(world)
        world.say()
        await asyncio.sleep(0.2)

        assert world.tabs[0].position == bob.position
        assert [event["from"] for event in bob.events] == [2, 2]

    simulate(story)
