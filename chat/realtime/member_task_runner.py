"""Does the tasks of members in a thread of its own, one at a time on each node."""

import asyncio
import threading

from django.db import connections

from ..maintenance import member_tasks
from .database_executors import DatabaseExecutors

LOOK_SECONDS = 3


class MemberTaskRunner:
    """Looks for tasks that wait. A task is left after the step under way once the node stops."""

    def __init__(self, worker: str, executors: DatabaseExecutors) -> None:
        self._worker = worker
        self._executors = executors
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def look(self, count: int) -> None:
        """Do what waits, in a thread of its own: for the executors' threads people wait."""
        if await self._executors.read(member_tasks.is_due):
            await asyncio.to_thread(self._work)

    def _work(self) -> None:
        try:
            member_tasks.work(self._worker, self._stopped.is_set)
        finally:
            connections.close_all()
