"""The writer: what arrives for a room while its last commit is in flight is committed together.

No timer: at rest a batch is one message and waits for nothing; under load batches grow by
themselves. One commit in flight for each room and node.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import ParamSpec

from .. import bus, protocol
from ..errors import Busy, Unavailable
from ..messages import commit, markup, single_statement_commit
from ..messages.operations import Post
from ..metrics import ANSWER_SECONDS, BATCH_INTENTS
from ..rooms.models import Room
from .connection import Connection
from .database_executors import DatabaseExecutors
from .loop_connection import LoopConnection, StatementResult
from .render_queue import RenderQueue

P = ParamSpec("P")

logger = logging.getLogger(__name__)

BATCH_MAX_INTENTS = 200
# A batch becomes one frame, which should stay below protocol.SERVER_FRAME_MAX.
BATCH_MAX_BYTES = 60 * 1024
# What a message takes in a frame besides its body.
MESSAGE_OVERHEAD_BYTES = 320
# A body with Markdown travels as HTML too, which is up to three times as long.
MARKUP_FACTOR = 4
# More than this many waiting in one room are refused as `busy`.
PENDING_MAX = 10_000

# The reply that tells its connection what came of an operation.
ReplyFor = Callable[[commit.Outcome], protocol.Reply]
# What is to be committed, which connection is told, how, and when it came.
Submitted = tuple[commit.Operation, Connection, ReplyFor, float]
# What came of a batch, and the hints to tell when it is answered.
Result = list[commit.Outcome] | Exception
OnCommitted = Callable[[Result, list[bus.BusMessage]], None]


class RoomWriter:
    """Gathers intents by room and commits them in the order they came."""

    def __init__(self, executors: DatabaseExecutors, loop_connection: LoopConnection) -> None:
        self._executors = executors
        self._loop_connection = loop_connection
        self._rendering = RenderQueue(self._enqueue)
        # By room with a commit in flight: what came since.
        self._pending: dict[int, deque[Submitted]] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(
        self, room: Room, intent: commit.Operation, connection: Connection, reply: ReplyFor
    ) -> None:
        """Have this committed, and write to the connection what came of it."""
        self._rendering.submit(room, intent, connection, reply)

    def _enqueue(
        self, room: Room, intent: commit.Operation, connection: Connection, reply: ReplyFor
    ) -> None:
        pending = self._pending.get(room.pk)
        if pending is None:
            self._pending[room.pk] = deque()
            self._idle.clear()
            self._commit(room, [(intent, connection, reply, perf_counter())])
        elif len(pending) < PENDING_MAX:
            pending.append((intent, connection, reply, perf_counter()))
        else:
            busy = Busy("Too much is being said here at once.", retry_ms=1000)
            connection.write_all([reply(busy)])

    def waiting(self) -> int:
        """How many intents wait for the commit before theirs, or to be rendered."""
        return sum(map(len, self._pending.values())) + self._rendering.waiting()

    async def finish(self) -> None:
        """Wait until everything submitted has its answer."""
        await self._rendering.finish()
        await self._idle.wait()

    def _commit(self, room: Room, batch: list[Submitted]) -> None:
        done = partial(self._committed, room, batch)
        _start_or_fail(done, self._start, room, [intent for intent, *_ in batch], done)

    def _start(self, room: Room, intents: list[commit.Operation], done: OnCommitted) -> None:
        posts = commit.posts_for_loop(intents) if self._loop_connection.is_free else None
        if posts:
            self._post_at_once(room, posts, done)
        else:
            self._commit_in_thread(room, intents, done)

    def _commit_in_thread(
        self, room: Room, intents: Sequence[commit.Operation], done: OnCommitted
    ) -> None:
        hints: list[bus.BusMessage] = []
        self._executors.start(
            lambda result: done(result, hints),
            partial(commit.commit_batch, room, intents, announce=hints.append),
        )

    def _post_at_once(self, room: Room, posts: list[Post], done: OnCommitted) -> None:
        """By the loop connection; by a thread as well if that stored nothing, or if nobody knows.

        The keys of the posts make a second try safe, also if the first one was stored.
        """
        attempt = single_statement_commit.SingleStatementCommit(room, posts)

        def answered(answer: StatementResult) -> None:
            hints: list[bus.BusMessage] = []
            result: Result | None = None
            if not isinstance(answer, Exception):
                with contextlib.suppress(
                    Exception
                ):  # an answer that cannot be read: a thread tries again
                    posted = attempt.posted(answer)
                    if posted is not None:
                        result = commit.posted(room, posted, hints.append)
            elif commit.is_lock_timeout(answer.sqlstate):
                result = [commit.room_busy()] * len(posts)
            if result is not None:
                done(result, hints)
            else:
                _start_or_fail(done, self._commit_in_thread, room, posts, done)

        self._loop_connection.start(single_statement_commit.POST, attempt.parameters, answered)

    def _committed(
        self, room: Room, batch: list[Submitted], result: Result, hints: list[bus.BusMessage]
    ) -> None:
        """Answer first, then tell this node and the others: they must not delay the authors."""
        if pending := self._pending[room.pk]:
            # Before the replies: the database works while we write them.
            self._commit(room, _take_batch(pending))
        else:
            del self._pending[room.pk]
        if isinstance(result, Exception):
            logger.error("Room %s: a commit failed unexpectedly", room.key, exc_info=result)
            result = [Unavailable("Something went wrong; try again.", retry_ms=2000)] * len(batch)
        self._answer(room, batch, result)
        for hint in hints:
            bus.publish_from_loop(hint)
        BATCH_INTENTS.observe(len(batch))
        ANSWER_SECONDS.observe(perf_counter() - batch[0][3])
        if not self._pending:
            self._idle.set()

    def _answer(self, room: Room, batch: list[Submitted], outcomes: list[commit.Outcome]) -> None:
        """One write for all that a connection asked: it may be half of the batch."""
        replies: dict[Connection, list[tuple[ReplyFor, commit.Outcome]]] = {}
        for (_, connection, reply, _), outcome in zip(batch, outcomes, strict=True):
            replies.setdefault(connection, []).append((reply, outcome))
        for connection, theirs in replies.items():
            try:
                connection.write_all([reply(outcome) for reply, outcome in theirs])
            except Exception:
                # One broken socket must not silence the room.
                logger.exception("Room %s: a reply could not be written", room.key)


def _start_or_fail(
    done: OnCommitted, start: Callable[P, None], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Start a commit. One that cannot begin is answered too, or its room would wait for ever.

    It is answered later, as every commit: now, it would overtake the batch before it.
    """
    try:
        start(*args, **kwargs)
    except Exception as error:
        asyncio.get_running_loop().call_soon(done, error, [])


def _take_batch(pending: deque[Submitted]) -> list[Submitted]:
    batch: list[Submitted] = []
    size = 0
    while pending and len(batch) < BATCH_MAX_INTENTS and size < BATCH_MAX_BYTES:
        item = pending.popleft()
        size += MESSAGE_OVERHEAD_BYTES + _body_bytes(item[0])
        batch.append(item)
    return batch


def _body_bytes(intent: commit.Operation) -> int:
    if not isinstance(intent, commit.Post | commit.Edit):
        return 0
    # Three bytes for a character beyond ASCII is near enough, and cheaper than encoding it.
    size = len(intent.body) * (1 if intent.body.isascii() else 3)
    return size * MARKUP_FACTOR if markup.looks_marked(intent.body) else size
