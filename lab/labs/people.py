"""The people of a lab: recording clients that act when they are told to."""

import asyncio

from ..drill.drill_client import DrillClient


class Person:
    """One client, named as in the text of the lab. It connects again by itself, as a page does."""

    def __init__(self, name: str, client: DrillClient, room: str) -> None:
        self.name = name
        self.client = client
        self.room = room
        self._running = asyncio.ensure_future(client.run())

    @property
    def seq(self) -> int:
        """Up to where this person has read."""
        at = self.client.positions.get(self.room)
        return at.seq if at else 0

    @property
    def unsent(self) -> int:
        return self.client.outbox.unsent

    def say(self, text: str) -> None:
        """Put it into the outbox, which sends it as soon as it can, until it is answered."""
        self.client.outbox.say(self.room, text)

    async def leave(self) -> None:
        await self.client.stop()
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.client.close_journal()
