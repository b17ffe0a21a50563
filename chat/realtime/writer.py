"""The writer: what arrives for a room while its last commit is in flight is committed together.

No timer: at rest a batch is one message and waits for nothing; under load batches grow by
themselves. One commit in flight for each room and node.
"""

import asyncio
import contextvars
import logging
from collections import deque
from collections.abc import Callable

from ..errors import Busy, Unavailable
from ..models import Room
from ..services import log, markup
from .threads import Threads

logger = logging.getLogger(__name__)

BATCH_MAX_INTENTS = 200
# A batch becomes one frame, which should stay below protocol.SERVER_FRAME_MAX.
BATCH_MAX_BYTES = 60 * 1024
# What a message takes in a frame besides its body.
MESSAGE_OVERHEAD_BYTES = 320
# A body with Markdown travels as HTML too, which is about twice as long.
MARKUP_FACTOR = 3
# More than this many waiting in one room are refused as `busy`.
PENDING_MAX = 10_000

Answer = Callable[[log.Outcome], None]


class Writer:
    """Gathers intents by room and commits them in the order they came."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._pending: dict[int, deque[tuple[log.Intent, Answer]]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, room: Room, intent: log.Intent, answer: Answer) -> None:
        """Have this committed; `answer` is called on the loop with what came of it."""
        pending = self._pending.get(room.pk)
        if pending is not None:
            if len(pending) >= PENDING_MAX:
                answer(Busy("Too much is being said here at once.", retry_ms=1000))
            else:
                pending.append((intent, answer))
            return
        self._pending[room.pk] = deque([(intent, answer)])
        self._idle.clear()
        task = asyncio.get_running_loop().create_task(
            self._commit_all(room), context=contextvars.Context()
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until everything submitted has its answer."""
        await self._idle.wait()

    async def _commit_all(self, room: Room) -> None:
        pending = self._pending[room.pk]
        while pending:
            batch = _take_batch(pending)
            try:
                outcomes = await self._threads.write(log.commit, room, [i for i, _ in batch])
            except Exception:
                logger.exception("Room %s: a commit failed unexpectedly", room.key)
                outcomes = [Unavailable("Something went wrong; try again.", retry_ms=2000)] * len(
                    batch
                )
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                try:
                    answer(outcome)
                except Exception:
                    # One broken socket must not silence the room.
                    logger.exception("Room %s: an answer could not be given", room.key)
        del self._pending[room.pk]
        if not self._pending:
            self._idle.set()


def _take_batch(pending: deque[tuple[log.Intent, Answer]]) -> list[tuple[log.Intent, Answer]]:
    batch: list[tuple[log.Intent, Answer]] = []
    size = 0
    while pending and len(batch) < BATCH_MAX_INTENTS and size < BATCH_MAX_BYTES:
        item = pending.popleft()
        size += MESSAGE_OVERHEAD_BYTES + _body_bytes(item[0])
        batch.append(item)
    return batch


def _body_bytes(intent: log.Intent) -> int:
    if not isinstance(intent, log.Post | log.Edit):
        return 0
    # Three bytes for a character beyond ASCII is near enough, and cheaper than encoding it.
    size = len(intent.body) * (1 if intent.body.isascii() else 3)
    return size * MARKUP_FACTOR if markup.looks_marked(intent.body) else size
