"""The hub keeps everyone equal to the log, whatever the bus does. In virtual time."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import bus, protocol
from chat.errors import NotFound, Unavailable
from chat.realtime.room_stream import REPLAY_BUFFER_NUMBERS
from chat.rooms.models import Room

from .simulation import Tab, World, simulate

pytestmark = pytest.mark.once

# After the last fault everyone must be up to date within so many seconds.
CONVERGED_SECONDS = 2.0

STEPS = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 40), st.booleans()),
    st.tuples(st.just("edit"), st.integers(0, 100), st.booleans()),
    st.tuples(st.just("wait"), st.floats(0, 0.1) | st.floats(0, 5)),
    st.tuples(st.just("come")),
    st.tuples(
        st.sampled_from(["stop reading", "stall", "read again", "leave", "come back", "hang up"]),
        st.integers(0, 5),
    ),
    st.tuples(st.sampled_from(["lossy", "late", "deaf", "mend", "heal"])),
    st.tuples(st.just("database"), st.booleans()),
)


@given(steps=st.lists(STEPS, max_size=50), seed=st.integers(0, 2**32))
@settings(max_examples=250, print_blob=True)
def test_whatever_the_bus_does_everyone_comes_to_equal_the_log(
    steps: list[tuple[Any, ...]], seed: int
) -> None:
    async def story(world: World) -> None:
        await world.enter()
        for step in steps:
            await take(step, world)
        await everything_mends(world)

        await asyncio.sleep(CONVERGED_SECONDS)

        world.everyone_equals_the_log()

    simulate(story, seed)


async def take(step: tuple[Any, ...], world: World) -> None:
    match step:
        case "say", count, here:
            world.say(count, here=here)
        case "edit", which, here if world.log.messages:
            seq = 1 + which % len(world.log.messages)
            if seq in world.log.messages:
                world.announce(world.log.edit(seq), here=here)
        case "wait", seconds:
            await asyncio.sleep(seconds)
        case ("come",):
            if len(world.tabs) < 6:
                # Not waited for: things are said while one enters.
                world.scheduler.run(come(world))
                await asyncio.sleep(0)
        case "database", away:
            world.database.away = away
        case what, number:
            await do(what, world.tabs[number % len(world.tabs)])
        case ("lossy",):
            world.bus.fail(lost=0.5, doubled=0.5, latest=0.01)
        case ("late",):
            world.bus.fail(doubled=0.5, latest=1)
        case ("deaf",):
            world.bus.go_deaf()
        case ("mend",):
            world.bus.mend()
        case ("heal",):
            world.bus.heal()


async def come(world: World) -> None:
    with contextlib.suppress(Unavailable):
        await world.enter()


async def do(what: str, tab: Tab) -> None:
    if tab.entering and what != "hang up":
        return  # one command of a connection after the other
    if what in ("stop reading", "stall"):
        tab.stop_reading(noticed=what == "stop reading")
    elif what == "read again":
        tab.read_again()
    elif what == "leave":
        tab.leave()
    elif what == "come back":
        with contextlib.suppress(Unavailable):
            await tab.enter()
    elif what == "hang up":
        tab.close_socket()


async def everything_mends(world: World) -> None:
    world.bus.heal()
    world.database.away = False
    await asyncio.sleep(0.2)
    for tab in world.tabs:
        tab.read_again()
        await asyncio.sleep(0.05)
        if not tab.in_room:
            await tab.enter()


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


def test_who_comes_from_a_node_that_heard_more_gets_only_the_rest() -> None:
    async def story(world: World) -> None:
        bob = await enter_ahead(world)
        world.say()
        await asyncio.sleep(0.2)

        assert world.tabs[0].position == bob.position
        assert [event["from"] for event in bob.events] == [2, 2]

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


def test_a_room_that_somebody_failed_to_enter_is_closed_again() -> None:
    async def story(world: World) -> None:
        world.database.away_for = {"last_page_encoded"}
        with pytest.raises(Unavailable):
            await world.entry.enter(Tab(world).connection, "lobby", None, "1")
        assert world.hub.rooms

        await asyncio.sleep(3)

        assert not world.hub.rooms

    simulate(story)
