"""What the bench is told of each message on its way through this node: the stages of its trace.

Times are those of the bench's one clock. A stage is told when it is over, by `tell`.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from chat import bus
from chat.messages.operations import Post
from chat.messages.single_statement_commit import SingleStatementCommit
from chat.realtime.loop_connections import LoopConnections
from chat.realtime.room_stream import RoomStream
from chat.realtime.writer import RoomWriter

from ..clock import now
from .replacing import wrap

# So many messages of one batch are told of.
TOLD_MAX = 20

Tell = Callable[[dict[str, Any]], None]

# How long the last posting statement waited for the room's lock, and how long it took in all.
_waited = _took = 0.0


_tell: Tell


def install(tell: Tell) -> None:
    """Tell each stage from now on."""
    global _tell
    _tell = tell
    wrap(RoomWriter, "submit", _checked)
    wrap(RoomWriter, "_commit", _committed)
    wrap(RoomWriter, "_answer", _answered)
    wrap(SingleStatementCommit, "posted", _lock_waited)
    wrap(LoopConnections, "run", _statement)
    wrap(RoomStream, "_append", _applied)
    wrap(bus.Bus, "publish", _handed_over)


def _stage(stage: str, room: str, messages: list[tuple[str, int]], **more: Any) -> None:
    for client_id, seq in messages[:TOLD_MAX]:
        _tell({"stage": stage, "at": now(), "room": room, "message": client_id, "seq": seq} | more)


def _checked(submit: Callable[..., Any]) -> Callable[..., Any]:
    """The frame is read, and its checks are passed."""

    @wraps(submit)
    def checked(self: RoomWriter, room: Any, operation: Any, *rest: Any) -> Any:
        if isinstance(operation, Post):
            _stage("checked", room.key, [(operation.client_id, 0)])
        return submit(self, room, operation, *rest)

    return checked


def _committed(commit: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(commit)
    async def committed(self: RoomWriter, room: Any, batch: Any) -> Any:
        global _waited, _took
        _waited = _took = 0.0
        began = now()
        done = await commit(self, room, batch)
        messages = [
            (one[0].client_id, getattr(outcome, "seq", 0))
            for one, outcome in zip(batch, done.outcomes, strict=True)
            if isinstance(one[0], Post)
        ]
        refused = next((o.code for o in done.outcomes if hasattr(o, "code")), "")
        _stage(
            "committed",
            room.key,
            messages,
            began=began,
            lock_ms=1000 * _waited,
            statement_ms=1000 * _took,
            together=len(batch),
            refused=refused,
        )
        return done

    return committed


def _lock_waited(posted: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(posted)
    def lock_waited(self: Any, row: Any) -> Any:
        global _waited
        # The statement says itself how long it stood before the lock was its own.
        _waited = row[4]
        return posted(self, row)

    return lock_waited


def _statement(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    async def statement(self: Any, asked: Any, parameters: Any = ()) -> Any:
        global _took
        began = time.perf_counter()
        try:
            return await run(self, asked, parameters)
        finally:
            if asked.name == "commit_batch":
                _took = time.perf_counter() - began

    return statement


def _answered(answer: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(answer)
    def answered(self: RoomWriter, room: Any, batch: Any, outcomes: Any) -> Any:
        try:
            return answer(self, room, batch, outcomes)
        finally:
            posts = [one[0] for one in batch if isinstance(one[0], Post)]
            _stage("replied", room.key, [(post.client_id, 0) for post in posts])

    return answered


def _handed_over(publish: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(publish)
    def handed_over(self: bus.Bus, group: str | None, hint: bus.BusMessage) -> Any:
        if isinstance(hint, bus.Batch) and group is not None:
            _of_batch("published", hint.room, hint.changes)
        return publish(self, group, hint)

    return handed_over


def _applied(append: Callable[..., Any]) -> Callable[..., Any]:
    """A room of this node takes a part of its log in."""

    @wraps(append)
    def applied(self: RoomStream, batch: bus.Batch) -> Any:
        _of_batch("applied", self.room.key, batch.changes)
        return append(self, batch)

    return applied


def _of_batch(stage: str, room: str, changes: list[tuple[int, int, bytes]]) -> None:
    _stage(stage, room, [("", seq) for _, seq, _ in changes])
