"""Finding people who are in a room, page by page, from the memory of the nodes.

`presence.state` names a part of a large room; this names all of it. A node knows its own people and
those in the rosters of the others. A roster names so many at most; where one is cut short, its node
is asked. Nothing here makes a query.
"""

import asyncio
import contextlib
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, islice

from .. import bus, protocol
from ..accounts.confusable_names import without_marks
from ..accounts.permissions import Role
from ..scheduler import Scheduler
from .hub import Hub
from .presence import LARGE_ROOM, Presence
from .room_stream import RoomStream

PAGE_SIZE = 100
# The sorted list of a large room is used for so long; that of a small one is made each time.
LIST_SECONDS = 5.0
# A node that has not answered by then is left out of the page.
ANSWER_SECONDS = 1.0
# Names are folded in steps of so many, so that the loop does other work in between.
FOLDED_AT_ONCE = 500

# Owners first, then moderators, then everyone by name: rank, folded name, id.
Key = tuple[int, str, int]
Entry = tuple[Key, protocol.PresentMember]

_RANKS: dict[str | None, int] = {Role.OWNER: 0, Role.MODERATOR: 1}
_EVERYONE = 2


@lru_cache(20_000)
def folded(name: str) -> str:
    """Equal for names that differ only by case and accents."""
    return name.casefold() if name.isascii() else without_marks(name).casefold()


@dataclass(slots=True)
class _Question:
    """What other nodes were asked, and what they have answered so far."""

    waiting: set[str]
    found: list[tuple[int, str]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class PeopleFinder:
    """Answers `people.find` on one node."""

    def __init__(
        self,
        node: str,
        hub: Hub,
        presence: Presence,
        scheduler: Scheduler,
        role_of: Callable[[int, int], str | None],
    ) -> None:
        self._node = node
        self._hub = hub
        self._presence = presence
        self._scheduler = scheduler
        self._role_of = role_of
        # The lists of large rooms, and until when each is used.
        self._lists: dict[int, tuple[float, list[Entry]]] = {}
        self._questions: dict[int, _Question] = {}
        self._numbers = count(1)

    async def find(
        self, live: RoomStream, query: str, after: protocol.PresentMember | None
    ) -> tuple[list[protocol.PresentMember], bool]:
        """A page of the people here whose names contain this, and whether there are more."""
        room_id, wanted = live.room.pk, folded(query.strip())
        start = _key(after.id, after.name, after.role) if after else None
        people = await self._page(room_id, wanted, start)
        known = {person.id for _, person in people}
        for member_id, name in await self._ask_others(room_id, wanted, start):
            if member_id not in known:
                known.add(member_id)
                people.append(self._entry(room_id, member_id, name))
        people.sort(key=_by_key)
        return [person for _, person in people[:PAGE_SIZE]], len(people) > PAGE_SIZE

    # --- Other nodes --------------------------------------------------------------------------

    async def _ask_others(
        self, room_id: int, wanted: str, start: Key | None
    ) -> list[tuple[int, str]]:
        """What the nodes find whose rosters are cut short; without those that do not answer."""
        cut = self._presence.nodes_cut_short(room_id)
        if not cut:
            return []
        number, question = next(self._numbers), _Question(cut)
        self._questions[number] = question
        asked = bus.PeopleWanted(
            node=self._node, room_id=room_id, number=number, wanted=wanted, start=start
        )
        self._hub.bus.publish(bus.room_group(room_id), asked)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(question.answered.wait(), ANSWER_SECONDS)
        finally:
            del self._questions[number]
        return question.found

    def on_message(self, hint: bus.PeopleWanted | bus.PeopleFound) -> None:
        match hint:
            case bus.PeopleWanted(node=node) if node != self._node:
                self._scheduler.run(self._answer(hint))
            case bus.PeopleFound(asker=asker, number=number) if asker == self._node:
                question = self._questions.get(number)
                if question is not None and hint.node in question.waiting:
                    question.found += hint.members
                    question.waiting.discard(hint.node)
                    if not question.waiting:
                        question.answered.set()

    async def _answer(self, asked: bus.PeopleWanted) -> None:
        people = await self._page(asked.room_id, asked.wanted, asked.start)
        found = bus.PeopleFound(
            node=self._node,
            asker=asked.node,
            room_id=asked.room_id,
            number=asked.number,
            members=[(person.id, person.name) for _, person in people],
        )
        self._hub.bus.publish(bus.room_group(asked.room_id), found)

    # --- This node ----------------------------------------------------------------------------

    async def _page(self, room_id: int, wanted: str, start: Key | None) -> list[Entry]:
        """The first people of a page, and one more if there are more."""
        people = await self._list(room_id)
        first = bisect_right(people, start, key=_by_key) if start else 0
        matching = (entry for entry in islice(people, first, None) if wanted in entry[0][1])
        return list(islice(matching, PAGE_SIZE + 1))

    async def _list(self, room_id: int) -> list[Entry]:
        """Everyone whom this node can name in the room, in order."""
        now = time.monotonic()
        self._lists = {key: made for key, made in self._lists.items() if now < made[0]}
        if room_id in self._lists:
            return self._lists[room_id][1]
        names = list(self._presence.known_in(room_id).items())
        people: list[Entry] = []
        for first in range(0, len(names), FOLDED_AT_ONCE):
            if first:
                await asyncio.sleep(0)
            people += [self._entry(room_id, *one) for one in names[first : first + FOLDED_AT_ONCE]]
        people.sort(key=_by_key)
        if len(people) > LARGE_ROOM:
            self._lists[room_id] = now + LIST_SECONDS, people
        return people

    def _entry(self, room_id: int, member_id: int, name: str) -> Entry:
        role = self._role_of(member_id, room_id)
        return _key(member_id, name, role), protocol.PresentMember(member_id, name, role)


def _key(member_id: int, name: str, role: str | None) -> Key:
    return _RANKS.get(role, _EVERYONE), folded(name), member_id


def _by_key(entry: Entry) -> Key:
    return entry[0]
