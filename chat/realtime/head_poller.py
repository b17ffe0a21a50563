"""What a node asks of the database each second: the heads of its rooms and the moderation version.

By a connection of the loop, because a thread and the ORM take much longer; else by a thread.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import psycopg
from django.utils import timezone

from ..database_connections import Rows, Statement
from ..messages import room_heads
from ..moderation import moderation_state, poll_statements
from ..rooms import room_list
from .database_executors import DatabaseExecutors
from .loop_connections import LoopConnections

T = TypeVar("T")

# The heads of more rooms are read in a thread: the loop would stand still for a millisecond.
ROOMS_MAX = 300


class HeadPoller:
    """Reads how far the logs have come, and the versions of sessions and moderation.

    Raises Unavailable.
    """

    def __init__(self, executors: DatabaseExecutors, loop_connections: LoopConnections) -> None:
        self._executors = executors
        self._loop_connections = loop_connections
        # How many rooms the last look at recent ends found.
        self._recent = 0

    async def heads(self, room_ids: list[int]) -> room_heads.Heads:
        """Where each of these rooms ends."""
        if len(room_ids) <= ROOMS_MAX:
            parameters = poll_statements.of_rooms(room_ids)
            heads = await self._ask(poll_statements.HEADS, parameters, poll_statements.heads)
            if heads is not None:
                return heads
        return await self._executors.read(room_heads.heads, room_ids)

    async def recent_ends(self, look_back: timedelta) -> list[tuple[int, int, int]]:
        """Id, head and number of messages of each room that went on during this time."""
        ends = None
        if self._recent <= ROOMS_MAX:
            parameters = [str(look_back.total_seconds())]
            ends = await self._ask(poll_statements.RECENT_ENDS, parameters, poll_statements.ends)
        if ends is None:
            since = timezone.now() - look_back
            ends = await self._executors.read(room_list.ends_since, since)
        self._recent = len(ends)
        return ends

    async def numbers(self) -> moderation_state.Numbers:
        """The moderation version, and how many changes of sessions there were."""
        numbers = await self._ask(poll_statements.NUMBERS, [], poll_statements.numbers)
        return await self._executors.read(moderation_state.numbers) if numbers is None else numbers

    async def _ask(
        self, statement: Statement, parameters: Sequence[str], read: Callable[[Rows], T]
    ) -> T | None:
        """None: no connection of the loop is free, or it was lost meanwhile."""
        try:
            return read(await self._loop_connections.run(statement, parameters))
        except psycopg.Error:
            return None
