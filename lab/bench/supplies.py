"""Rooms in which nothing was said, and members who have not been given to anyone."""

import asyncio

from ..kit.deployment import cookies_in
from .stack import ROOMS, Stack
from .waiting import to_the_end

MORE = """
from django.core.management import call_command
from chat.moderation import room_rules
for number in range({first}, {first} + {rooms}):
    room_rules.open_room(key=f"room-{{number}}", name=f"Room {{number}}")
call_command("mint_sessions", {members}, prefix="measured {times} ")
"""


class Supplies:
    """Made ahead; more are made when they run out."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._rooms_made = ROOMS
        self._times = 0
        self._one_at_a_time = asyncio.Lock()
        # Members who have a name on this bench keep it.
        self._cookies: dict[str, str] = {}

    async def room(self) -> str:
        deployment = self._stack.deployment
        async with self._one_at_a_time:
            if deployment.rooms_used >= self._rooms_made:
                await self._make(rooms=ROOMS, members=0)
            return deployment.take_rooms(1)[0]

    async def cookie(self, name: str) -> str:
        """Of one member for each name."""
        if name not in self._cookies:
            [self._cookies[name]] = await self.cookies(1)
        return self._cookies[name]

    def introduce(self, name: str, cookie: str) -> None:
        """Someone who has joined by themselves."""
        self._cookies[name] = cookie

    async def cookies(self, count: int) -> list[str]:
        """Of members whom nobody else is given."""
        unused = self._stack.deployment.cookies
        async with self._one_at_a_time:
            if len(unused) < count:
                await self._make(rooms=0, members=count)
            return [unused.pop() for _ in range(count)]

    async def _make(self, *, rooms: int, members: int) -> None:
        """A second of another process; the database must be up."""
        first, self._rooms_made = self._rooms_made, self._rooms_made + rooms
        self._times += 1
        script = MORE.format(first=first, rooms=rooms, members=members, times=self._times)
        deployment = self._stack.deployment
        deployment.cookies += cookies_in(await to_the_end(deployment.shell, script))
