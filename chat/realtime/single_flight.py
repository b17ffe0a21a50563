"""Single flight: what several ask for at the same time is done once, and all get its result."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..scheduler import start_task

K = TypeVar("K")
T = TypeVar("T")


def shared(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Work that several may wait for. An error is raised where it is waited for, if anywhere."""
    task = start_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def once(
    tasks: dict[K, asyncio.Task[T]], key: K, work: Callable[[], Coroutine[Any, Any, T]]
) -> T:
    """Wait for the work under this key; it is begun if it is not under way."""
    task = tasks.get(key)
    if task is None:
        task = tasks[key] = shared(work())
        task.add_done_callback(lambda _: tasks.pop(key, None))
    return await asyncio.shield(task)
