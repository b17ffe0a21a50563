"""The writer: what arrives for a room while its last commit is in flight is committed together.

No timer: at rest a batch is one message and waits for nothing; under load batches grow by
themselves. One commit in flight for each room and node.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from time import perf_counter
from typing import NamedTuple

from django.utils.translation import gettext

from .. import bus
from ..errors import Busy, Unavailable
from ..messages import commit, markup
from ..metrics import ANSWER_SECONDS, BATCH_OPERATIONS
from ..rooms.models import Room
from ..scheduler import start_task
from .committer import Committer
from .render_queue import RenderQueue, ReplyFor, Sender

logger = logging.getLogger(__name__)

BATCH_MAX_OPERATIONS = 200
# A batch becomes one frame, which should stay below protocol.SERVER_FRAME_MAX.
BATCH_MAX_BYTES = 60 * 1024
# What a message takes in a frame besides its body.
MESSAGE_OVERHEAD_BYTES = 320
# A body with Markdown travels as HTML too, which is up to three times as long.
MARKUP_FACTOR = 4
# More than this many waiting in one room are refused as `busy`.
PENDING_MAX = 10_000

# What is to be committed, who is told, how, and when it came.
Submitted = tuple[commit.Operation, Sender, ReplyFor, float]


class Committed(NamedTuple):
    """A batch, what came of each of it, and the hints to tell when it is answered."""

    batch: list[Submitted]
    outcomes: list[commit.Outcome]
    hints: list[bus.BusMessage]


class RoomWriter:
    """Gathers operations by room and commits them in the order they came."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer
        self._rendering = RenderQueue(self._enqueue)
        # By room with a commit in flight: what came since, and the task that commits.
        self._pending: dict[int, deque[Submitted]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._finishing = False
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(
        self, room: Room, operation: commit.Operation, sender: Sender, reply: ReplyFor
    ) -> None:
        """Have this committed, and tell its sender what came of it."""
        self._rendering.submit(room, operation, sender, reply)

    def _enqueue(
        self, room: Room, operation: commit.Operation, sender: Sender, reply: ReplyFor
    ) -> None:
        pending = self._pending.get(room.pk)
        if pending is None:
            batch = [(operation, sender, reply, perf_counter())]
            self._pending[room.pk] = deque()
            self._idle.clear()
            self._tasks[room.pk] = start_task(self._commit_all(room, batch))
        elif len(pending) < PENDING_MAX:
            pending.append((operation, sender, reply, perf_counter()))
        else:
            busy = Busy(gettext("Too much is being said here at once."), retry_ms=1000)
            sender.write_all([reply(busy)])

    def waiting(self) -> int:
        """How many operations wait for the commit before theirs, or to be rendered."""
        return sum(map(len, self._pending.values())) + self._rendering.waiting()

    async def finish(self) -> None:
        """Wait until everything submitted has its answer.

        What the database refuses from now on, it is not asked again for those who wait behind.
        """
        self._finishing = True
        await self._rendering.finish()
        await self._idle.wait()

    async def _commit_all(self, room: Room, batch: list[Submitted]) -> None:
        """Commit this batch, and after each one what came meanwhile, until nothing did."""
        pending = self._pending[room.pk]
        committing: Awaitable[Committed] | None = self._commit(room, batch)
        while committing is not None:
            committed = await committing
            committing = None
            if pending and self._finishing and _is_refused(committed):
                self._answer(room, [*pending], [_restarting()] * len(pending))
                pending.clear()
            if pending:
                committing = start_task(self._commit(room, _take_batch(pending)))
                # It sends its statement: the database works while we write the replies.
                await asyncio.sleep(0)
            else:
                del self._pending[room.pk], self._tasks[room.pk]
            self._tell(room, committed)
        if not self._pending:
            self._idle.set()

    async def _commit(self, room: Room, batch: list[Submitted]) -> Committed:
        hints: list[bus.BusMessage] = []
        operations = [operation for operation, *_ in batch]
        try:
            outcomes = await self._committer.commit(room, operations, hints.append)
        except Exception:
            logger.exception("Room %s: a commit failed unexpectedly", room.key)
            failed = Unavailable(gettext("Something went wrong; try again."), retry_ms=2000)
            outcomes = [failed] * len(batch)
        return Committed(batch, outcomes, hints)

    def _tell(self, room: Room, committed: Committed) -> None:
        """Answer first, then tell this node and the others: they must not delay the authors."""
        self._answer(room, committed.batch, committed.outcomes)
        for hint in committed.hints:
            bus.publish_from_loop(hint)
        BATCH_OPERATIONS.observe(len(committed.batch))
        ANSWER_SECONDS.observe(perf_counter() - committed.batch[0][3])

    def _answer(self, room: Room, batch: list[Submitted], outcomes: list[commit.Outcome]) -> None:
        """One write for all that a sender asked: it may be half of the batch."""
        replies: dict[Sender, list[tuple[ReplyFor, commit.Outcome]]] = {}
        for (_, sender, reply, _), outcome in zip(batch, outcomes, strict=True):
            replies.setdefault(sender, []).append((reply, outcome))
        for sender, theirs in replies.items():
            try:
                sender.write_all([reply(outcome) for reply, outcome in theirs])
            except Exception:
                # One broken socket must not silence the room.
                logger.exception("Room %s: a reply could not be written", room.key)


def _is_refused(committed: Committed) -> bool:
    """Whether the database took none of the batch, because it is away or locked."""
    return all(isinstance(outcome, Busy | Unavailable) for outcome in committed.outcomes)


def _restarting() -> Unavailable:
    return Unavailable(gettext("This node is restarting; try again."), retry_ms=2000)


def _take_batch(pending: deque[Submitted]) -> list[Submitted]:
    batch: list[Submitted] = []
    size = 0
    while pending and len(batch) < BATCH_MAX_OPERATIONS and size < BATCH_MAX_BYTES:
        item = pending.popleft()
        size += MESSAGE_OVERHEAD_BYTES + _body_bytes(item[0])
        batch.append(item)
    return batch


def _body_bytes(operation: commit.Operation) -> int:
    if not isinstance(operation, commit.Post | commit.Edit):
        return 0
    # Three bytes for a character beyond ASCII is near enough, and cheaper than encoding it.
    size = len(operation.body) * (1 if operation.body.isascii() else 3)
    return size * MARKUP_FACTOR if markup.looks_marked(operation.body) else size
