"""Background work goes on where it fails, says so, and ends with its owner."""

import asyncio
import contextlib
import contextvars
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.errors import Unavailable
from chat.scheduler import Scheduler, start_task

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS_TASKS = re.compile(r"\bcreate_task\(")

pytestmark = pytest.mark.once


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    scheduler = Scheduler()
    yield scheduler
    await scheduler.stop()


async def test_a_duty_that_fails_is_done_again(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    counts: list[int] = []
    done = asyncio.Event()

    async def look(count: int) -> None:
        counts.append(count)
        if count == 1:
            raise ValueError("what nobody expected")
        if count == 2:
            raise Unavailable("The database is away.\nWith details.")
        done.set()

    scheduler.every(0.001, look)
    await asyncio.wait_for(done.wait(), 10)

    assert counts == [1, 2, 3]
    first, second = (record for record in caplog.records if record.name == "chat.scheduler")
    assert first.getMessage().endswith("look failed: what nobody expected")
    assert first.exc_info
    assert second.getMessage().endswith("look failed: The database is away.")
    assert not second.exc_info


async def test_what_fails_once_is_logged_and_fails_nothing_else(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async def succeed() -> None:
        done.set()

    done = asyncio.Event()
    scheduler.run(fail())
    scheduler.run(succeed())
    await asyncio.wait_for(done.wait(), 10)

    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_nothing_runs_on_when_it_has_stopped() -> None:
    scheduler = Scheduler()
    ended: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")

    scheduler.run(wait_for_ever())
    scheduler.every(60, lambda count: wait_for_ever())
    await asyncio.sleep(0)

    await scheduler.stop()

    assert ended == ["cleaned up"]


async def test_background_work_inherits_nothing_of_the_code_that_started_it() -> None:
    variable = contextvars.ContextVar("variable", default="nothing")
    variable.set("a request's")

    async def look() -> str:
        return variable.get()

    assert await start_task(look()) == "nothing"


def test_tasks_are_started_in_one_place() -> None:
    sources = [*(ROOT / "chat").rglob("*.py"), *(ROOT / "chatroom").rglob("*.py")]

    starting = [str(p.relative_to(ROOT)) for p in sources if STARTS_TASKS.search(p.read_text())]

    assert starting == ["chat/scheduler.py"]


async def test_what_takes_a_cancellation_for_its_own_is_cancelled_again() -> None:
    scheduler = Scheduler()

    async def deaf() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    task = scheduler.run(deaf())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await scheduler.stop()

    assert task.cancelled()
