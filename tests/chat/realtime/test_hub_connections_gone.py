"""Whoever asks the hub for something and hangs up before the answer leaves nothing behind."""

import asyncio
import contextlib
import gc

import pytest

from .simulation import World, simulate

pytestmark = pytest.mark.once


@pytest.mark.parametrize("asked", ["the room", "the last page"])
def test_an_answer_that_nobody_waits_for_any_more_may_be_a_refusal(asked: str) -> None:
    """Found by `make fuzz`: a traceback in the log for each who hung up at the right moment."""

    async def story(world: World) -> None:
        if asked == "the last page":
            await world.enter()
            world.say(1, here=True)
        world.database.away = True
        asking = asyncio.ensure_future(world.enter(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        await asyncio.sleep(1)

        for live in world.hub.rooms.values():
            live.last_page = None
        # What nobody retrieved is reported when it is forgotten, and fails the story.
        gc.collect()

    simulate(story)
