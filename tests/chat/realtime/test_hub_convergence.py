"""Whatever the bus does, everyone comes to equal the log. In virtual time."""

import asyncio
import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.errors import Unavailable

from .simulation import CONVERGED_SECONDS, Tab, World, simulate

pytestmark = pytest.mark.once

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
