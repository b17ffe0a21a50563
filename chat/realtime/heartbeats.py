"""Heartbeats: each connection is told once in a period how far its rooms have come.

So a client finds out by itself that it has missed something, and that the connection still carries.
"""

from ..messages import unread
from ..protocol import HEARTBEAT_SECONDS, Heartbeat
from .connection_registry import ConnectionRegistry
from .database_executors import DatabaseExecutors
from .hub import Hub
from .people_here import PeopleHere
from .sockets import frame


class Heartbeats:
    """Sends the heartbeats of one node."""

    def __init__(
        self,
        executors: DatabaseExecutors,
        registry: ConnectionRegistry,
        hub: Hub,
        people_here: PeopleHere,
    ) -> None:
        self._executors = executors
        self._registry = registry
        self._hub = hub
        self._people_here = people_here
        # The last message in each listed room, read once a period for all connections.
        self._last_messages: dict[str, int] = {}

    async def read_last_messages(self) -> None:
        if self._registry.connections:
            self._last_messages = await self._executors.read(unread.last_messages)

    def send(self, seconds: int) -> None:
        """Write to those connections whose turn this second is; a few each second."""
        turn = seconds % HEARTBEAT_SECONDS
        here = self._people_here.count()
        for connection in list(self._registry.connections):
            if connection.number % HEARTBEAT_SECONDS == turn and connection.socket.writable:
                heads = self._hub.heads(connection)
                connection.socket.write(frame(Heartbeat(heads, self._last_messages, here)))
