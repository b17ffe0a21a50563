"""People who are only load: they read one room on both nodes, and some of them speak."""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence

from msgspec import Struct

from ..kit.backoff import Backoff
from ..kit.chat_client import CONNECTION_ERRORS, ChatClient
from .bench_nodes import BenchNode

# So many connect at the same time.
CONNECTING_AT_ONCE = 20
# What they call their messages; such messages are no events of the timeline.
PREFIX = "load-"

_numbers = itertools.count(1)


class LoadState(Struct, kw_only=True):
    """What was asked for, and what came of it."""

    people: int = 0
    per_second: float = 0.0
    connected: int = 0
    # Messages that were acknowledged, in all.
    acknowledged: int = 0


class Load:
    """So many people, and so many messages a second of all of them together."""

    def __init__(self, nodes: Sequence[BenchNode], has_jitter: Callable[[], bool]) -> None:
        self.acknowledged = 0
        self._nodes = nodes
        self._has_jitter = has_jitter
        self._per_second = 0.0
        self._people: list[_Person] = []
        self._speaking: asyncio.Task[None] | None = None
        self._connecting = asyncio.Semaphore(CONNECTING_AT_ONCE)

    @property
    def people(self) -> int:
        return len(self._people)

    @property
    def state(self) -> LoadState:
        return LoadState(
            people=self.people,
            per_second=self._per_second,
            connected=sum(person.is_here for person in self._people),
            acknowledged=self.acknowledged,
        )

    async def set(self, room: str, cookies: Sequence[str], per_second: float) -> None:
        """One more person for each cookie, all in this room, and the new pace."""
        for cookie in cookies:
            node = self._nodes[len(self._people) % len(self._nodes)]
            self._people.append(_Person(node, cookie, room, self._connecting, self._has_jitter))
        self._per_second = per_second
        if self._speaking is None:
            self._speaking = asyncio.ensure_future(self._speak())

    async def shrink(self, people: int) -> None:
        leaving, self._people = self._people[people:], self._people[:people]
        await asyncio.gather(*(person.leave() for person in leaving))

    async def close(self) -> None:
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.gather(self._speaking, return_exceptions=True)
            self._speaking = None
        await self.shrink(0)
        self._per_second = 0.0

    async def _speak(self) -> None:
        answers: set[asyncio.Task[None]] = set()
        try:
            while True:
                if not self._per_second or not (here := [p for p in self._people if p.is_here]):
                    await asyncio.sleep(0.1)
                    continue
                speaking = asyncio.ensure_future(self._say(random.choice(here)))  # noqa: S311
                answers.add(speaking)
                speaking.add_done_callback(answers.discard)
                await asyncio.sleep(1 / self._per_second)
        finally:
            for answer in answers:
                answer.cancel()
            await asyncio.gather(*answers, return_exceptions=True)

    async def _say(self, person: "_Person") -> None:
        """Once; whether it is stored after a failure does not matter here."""
        self.acknowledged += await person.say(f"{PREFIX}{next(_numbers)}")


class _Person:
    """Connects again after every loss, as a page does."""

    def __init__(
        self,
        node: BenchNode,
        cookie: str,
        room: str,
        connecting: asyncio.Semaphore,
        has_jitter: Callable[[], bool],
    ) -> None:
        self.is_here = False
        self._node = node
        self._cookie = node.cookie(cookie)
        self._room = room
        self._connecting = connecting
        self._client = ChatClient()
        self._backoff = Backoff(
            uniform=lambda a, b: random.uniform(a, b) if has_jitter() else (a + b) / 2  # noqa: S311
        )
        self._task = asyncio.ensure_future(self._run())

    async def say(self, client_id: str) -> bool:
        try:
            answer = await self._client.ask(
                "message.send", room=self._room, client_id=client_id, body=f"Message {client_id}"
            )
            return answer.type == "message.accepted"
        except OSError:
            return False

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._client.abort()

    async def _run(self) -> None:
        while True:
            try:
                async with self._connecting:
                    await self._client.connect(self._node.front, self._cookie)
                    await self._client.enter(self._room)
                self.is_here = True
                self._backoff.reset()
                await self._client.closed.wait()
            except CONNECTION_ERRORS:
                self._client.abort()
            finally:
                self.is_here = False
            await asyncio.sleep(self._backoff.next())
