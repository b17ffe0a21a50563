"""Clients that post in one room on schedule, and how long each post took."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

from ..kit.chat_client import ChatClient
from ..kit.node import Node

ROOM = "room-0"
PATIENCE_SECONDS = 20


async def enter_room(node: Node, cookie: str) -> ChatClient:
    """A client in the room."""
    client = ChatClient()
    await client.connect(node, cookie)
    await client.enter(ROOM)
    return client


class Posters:
    """All of them together. The time of a post counts from when it was due."""

    def __init__(self, clients: Sequence[ChatClient], rate: float) -> None:
        self._clients = clients
        self._every = 1 / rate
        self._took: list[tuple[float, float]] = []
        self.refused = 0

    @asynccontextmanager
    async def posting(self) -> AsyncIterator[None]:
        """Post in the meantime; every post is answered in the end."""
        stop = asyncio.Event()
        task = asyncio.ensure_future(self._post(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    def took(self, since: float, until: float) -> list[float]:
        """The seconds each post took that was due in this time."""
        return [took for due, took in self._took if since <= due < until]

    async def _post(self, stop: asyncio.Event) -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as posts:
            for number in count():
                due = began + number * self._every
                await asyncio.sleep(max(0, due - time.monotonic()))
                if stop.is_set():
                    return
                client = self._clients[number % len(self._clients)]
                posts.create_task(self._post_one(client, due))

    async def _post_one(self, client: ChatClient, due: float) -> None:
        key = secrets.token_hex(8)
        reply = await client.ask(
            "message.send", patience=PATIENCE_SECONDS, room=ROOM, client_id=key, body="hello"
        )
        self._took.append((due, time.monotonic() - due))
        self.refused += reply.type != "message.accepted"
