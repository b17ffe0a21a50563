"""Both ways into the log: tests that use `each_way` run once for each of them.

On PostgreSQL a node commits plain posts by a connection of its event loop, and all else in a thread
(chat/realtime/committer.py). Commands and forms always go the second way.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from chat import bus
from chat.messages import commit
from chat.messages.single_statement_commit import POST
from chat.realtime.committer import Committer
from chat.realtime.database_executors import DatabaseExecutors
from chat.realtime.loop_connections import LoopConnections
from chat.rooms.models import Room
from chat.scheduler import Scheduler

general_path = commit.commit_batch

CommitBatch = Callable[..., list[commit.Outcome]]


class Executors(DatabaseExecutors):
    """The threads of a node, which take the general path even where a test replaces it."""

    async def write(self, service: Any, *args: Any, **kwargs: Any) -> Any:
        return await super().write(general_path, *args, **kwargs)


@contextmanager
def loop_commits() -> Iterator[CommitBatch]:
    """`commit_batch` as a node does it: by an event loop, which runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    executors, scheduler = Executors(), Scheduler()
    connections = LoopConnections(scheduler, [POST])
    committer = Committer(executors, connections)

    def commit_batch(
        room: Room, operations: Sequence[commit.Operation], *, announce: Any = None
    ) -> list[commit.Outcome]:
        work = committer.commit(room, operations, announce or bus.publish)
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    async def close() -> None:
        await connections.close()
        await scheduler.stop()

    try:
        loop.call_soon_threadsafe(connections.open)
        deadline = time.monotonic() + 10
        while connection.vendor == "postgresql" and not connections.are_open:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        yield commit_batch
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(10)
        executors.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(params=["in a thread", pytest.param("by the loop", marks=pytest.mark.postgres)])
def each_way(
    request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    if request.param == "in a thread":
        yield
    else:
        with loop_commits() as commit_batch:
            monkeypatch.setattr(commit, "commit_batch", commit_batch)
            yield
