"""Background work: duties that repeat, and tasks that run once. All of it is cancelled together."""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from .errors import Unavailable
from .outages import is_outage

T = TypeVar("T")

# One that goes on after it was cancelled is cancelled again after this time.
AGAIN_SECONDS = 0.5

# Does something again; it is told how many times it was called.
Duty = Callable[[int], Awaitable[None]]

logger = logging.getLogger(__name__)


def start_task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run this in a fresh context.

    A task inherits the context of the code that starts it. Inside a request that would keep the
    request's thread executor; inside a socket's callback it is Twisted's, which all sockets share.
    """
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())


def log_failure(what: str, error: BaseException) -> None:
    """Log it: in one line if the database is away, with its traceback if nobody expected it."""
    is_expected = isinstance(error, Unavailable) or is_outage(error)
    first_line = str(error).partition("\n")[0]
    logger.warning("%s failed: %s", what, first_line, exc_info=None if is_expected else error)


class Scheduler:
    """Starts background work, logs what fails, and cancels everything when its owner stops."""

    def __init__(self, on_failure: Callable[[str, BaseException], None] = log_failure) -> None:
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do this once, in the background."""
        task = start_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def every(self, period: float | Callable[[], float], duty: Duty) -> None:
        """Do this again and again, `period` seconds after the last time. A failure ends nothing."""
        self.run(self._repeat(period, duty))

    async def guarded(self, work: Awaitable[None]) -> None:
        """Wait for this. If it fails, that is logged, and the caller goes on."""
        try:
            await work
        except Exception as error:
            self._on_failure(_name_of(work), error)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def stop(self) -> None:
        """Cancel everything, and wait until it has ended.

        A library may take a cancellation for one of its own (channels_redis's flush; wait_for in
        Python 3.11, as the answer comes): once would not be enough.
        """
        while self._tasks:
            self.cancel()
            await asyncio.wait(set(self._tasks), timeout=AGAIN_SECONDS)

    async def _repeat(self, period: float | Callable[[], float], duty: Duty) -> None:
        count = 0
        while True:
            await asyncio.sleep(period() if callable(period) else period)
            count += 1
            await self.guarded(duty(count))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._on_failure(_name_of(task.get_coro()), error)


def _name_of(work: object) -> str:
    return str(getattr(work, "__qualname__", "Background work"))
