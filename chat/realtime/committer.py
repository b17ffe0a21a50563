"""How the batches of a node get into their logs: one statement for plain posts, else a thread."""

from collections.abc import Sequence

import psycopg

from ..messages import commit
from ..messages.single_statement_commit import POST, SingleStatementCommit
from ..rooms.models import Room
from .database_executors import DatabaseExecutors
from .loop_connections import LoopConnections


class Committer:
    """Commits one batch at a time for each room."""

    def __init__(self, executors: DatabaseExecutors, loop_connections: LoopConnections) -> None:
        self._executors = executors
        self._loop_connections = loop_connections

    async def commit(
        self, room: Room, operations: Sequence[commit.Operation], announce: commit.Announce
    ) -> list[commit.Outcome]:
        """Commit these together, in this order, and announce what is new. One outcome for each.

        What the single statement did not store, or perhaps did, goes the general path as well: the
        keys of the posts make a second try safe.
        """
        posts = commit.plain_posts(operations) if self._loop_connections.are_open else None
        if posts:
            attempt = SingleStatementCommit(room, posts)
            try:
                rows = await self._loop_connections.run(POST, attempt.parameters)
            except commit.LOCK_TIMEOUTS:
                return [commit.room_busy()] * len(posts)
            except psycopg.Error:
                rows = []
            if rows:
                return commit.posted(room, attempt.posted(rows[0]), announce)
        return await self._executors.write(commit.commit_batch, room, operations, announce=announce)
