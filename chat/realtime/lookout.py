"""The lookout: what a node looks at every second, the heads of its rooms and the rulings.

By the express where it is free, for a thread and the ORM take ten times as long; else by a thread.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from psycopg.pq.abc import PGresult

from ..services import glances, reading, standing
from ..services.prepared import Statement
from .express import Express
from .threads import Threads

T = TypeVar("T")

# The heads of more rooms are read in a thread: the loop would stand still for a millisecond.
ROOMS_MAX = 300


class Lookout:
    """Sees how far the logs have come and how much was ruled. Raises Unavailable."""

    def __init__(self, threads: Threads, express: Express) -> None:
        self._threads = threads
        self._express = express

    async def heads(self, room_ids: list[int]) -> reading.Heads:
        """Where each of these rooms ends."""
        if len(room_ids) <= ROOMS_MAX:
            parameters = glances.of_rooms(room_ids)
            heads = await self._glance(glances.HEADS, parameters, glances.heads)
            if heads is not None:
                return heads
        return await self._threads.read(reading.heads, room_ids)

    async def numbers(self) -> standing.Numbers:
        """How many rulings and changes of sessions there were."""
        numbers = await self._glance(glances.NUMBERS, [], glances.numbers)
        return await self._threads.read(standing.numbers) if numbers is None else numbers

    async def _glance(
        self, statement: Statement, parameters: Sequence[bytes], read: Callable[[PGresult], T]
    ) -> T | None:
        """None: the express is taken, or was lost meanwhile."""
        if not self._express.is_free:
            return None
        answer = await self._express.ask(statement, parameters)
        return None if isinstance(answer, Exception) else read(answer)
