"""The loop's lag: a loop that was held up is late, and is forgiven when it keeps time again."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from chat.realtime import loop_lag as pulse_module
from chat.realtime.loop_lag import LoopLag
from chat.scheduler import Scheduler

pytestmark = pytest.mark.once

HELD_UP_SECONDS = 0.2


@pytest.fixture
async def lag(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LoopLag]:
    monkeypatch.setattr(pulse_module, "TICK_SECONDS", 0.02)
    scheduler = Scheduler()
    yield LoopLag(scheduler)
    await scheduler.stop()


async def test_a_loop_that_is_held_up_is_late_at_once(lag: LoopLag) -> None:
    assert lag.lateness < HELD_UP_SECONDS

    time.sleep(2 * HELD_UP_SECONDS)  # noqa: ASYNC251 - this is what a loop must not do

    assert lag.lateness > HELD_UP_SECONDS


async def test_it_is_still_late_when_the_beat_has_come(lag: LoopLag) -> None:
    time.sleep(2 * HELD_UP_SECONDS)  # noqa: ASYNC251

    for _ in range(3):
        await asyncio.sleep(0)

    assert lag.lateness > HELD_UP_SECONDS


async def test_a_loop_that_keeps_time_again_is_forgiven(lag: LoopLag) -> None:
    time.sleep(2 * HELD_UP_SECONDS)  # noqa: ASYNC251

    for _ in range(100):
        await asyncio.sleep(0.01)
        if lag.lateness < HELD_UP_SECONDS:
            break
    else:
        pytest.fail("it was never forgiven")
