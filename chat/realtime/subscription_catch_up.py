"""Catch-up of one subscription whose cursor has fallen out of its room's replay buffer.

Its socket took nothing for long. The database brings it up, page by page, without the others.
"""

from django.utils.translation import gettext

from .. import protocol
from ..errors import Unavailable
from ..messages import catch_up
from ..metrics import counters
from ..scheduler import Scheduler
from .database_executors import DatabaseExecutors
from .room_stream import Subscription


class SubscriptionCatchUp:
    """Reads for the subscriptions of one node that are too far behind for memory."""

    def __init__(self, executors: DatabaseExecutors, scheduler: Scheduler) -> None:
        self._executors = executors
        self._scheduler = scheduler

    def start(self, subscription: Subscription) -> None:
        """Read what follows the cursor, and write it; the room's news wait meanwhile."""
        subscription.reading = True
        counters.replay_buffer_misses += 1
        self._scheduler.run(self._bring_up(subscription))

    async def _bring_up(self, subscription: Subscription) -> None:
        live, connection = subscription.room, subscription.connection
        try:
            while subscription.cursor < live.head and connection.socket.writable:
                batch = await self._executors.read(
                    catch_up.changes_after, live.room, subscription.cursor
                )
                # Meanwhile they may have left, or come back with another cursor.
                is_here = live.subscriptions.get(connection) is subscription
                if not is_here or batch.epoch != live.epoch:
                    return
                segment = live.segment(batch.first, batch.last, batch.last_id, batch.changes)
                connection.socket.write(segment.frame)
                subscription.cursor = batch.last
        except Unavailable:
            connection.close(protocol.CLOSE_RESYNC, gettext("The database gives no answer."))
            return
        finally:
            subscription.reading = False
        live.flush(subscription)
