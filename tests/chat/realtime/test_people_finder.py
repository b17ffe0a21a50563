"""Finding people: all who are in a room of any size, whichever node they are on. Virtual time."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from chat import bus, protocol
from chat.realtime.people_finder import PAGE_SIZE, PeopleFinder, folded

from .simulation import World, simulate
from .test_presence import House

pytestmark = pytest.mark.once


class Searched(House):
    """A house in which people are looked for, with another node beyond the bus."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.finder = PeopleFinder("here", world.hub, self.presence, world.scheduler, self.role_of)

    async def named(self, *names: str) -> None:
        for member_id, name in enumerate(names, 1):
            tab = await self.enter(member_id)
            tab.connection.identity = replace(tab.connection.identity, name=name)

    async def find(self, query: str = "") -> list[str]:
        people, _ = await self.finder.find(self.world.live, query, None)
        return [person.name for person in people]

    async def all_pages(self, query: str = "") -> list[list[int]]:
        pages: list[list[int]] = []
        more, last = True, None
        while more:
            people, more = await self.finder.find(self.world.live, query, last)
            last = people[-1] if people else None
            pages.append([person.id for person in people])
        return pages

    def another_node(self, *member_ids: int) -> None:
        """A node whose roster names two of its people only; it answers when it is asked."""
        listed = [(member_id, f"Member {member_id}") for member_id in member_ids]
        self.presence.on_message(
            bus.Roster(node="there", room_id=1, count=len(listed), members=listed[:2])
        )

    def answer_there(self, *member_ids: int) -> None:
        [asked] = [hint for hint in self.world.bus.published if isinstance(hint, bus.PeopleWanted)]
        found = bus.PeopleFound(
            node="there",
            asker=asked.node,
            room_id=1,
            number=asked.number,
            members=[(member_id, f"Member {member_id}") for member_id in member_ids],
        )
        self.finder.on_message(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["amélie", "Bob Émile", "Zoë"]),
        ("emile", ["Bob Émile"]),
        ("ÉM", ["Bob Émile"]),
        ("AME", ["amélie"]),
        ("  zoe ", ["Zoë"]),
        ("nobody", []),
    ],
)
def test_a_name_is_found_whatever_its_case_and_accents(query: str, found: list[str]) -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        await house.named("Zoë", "amélie", "Bob Émile")

        assert await house.find(query) == found

    simulate(story)


def test_owners_stand_first_then_moderators_then_everyone_by_name() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        house.roles.update({3: "owner", 4: "moderator"})
        await house.named("Bob", "Ann", "Zadie", "Morgan")

        people, _ = await house.finder.find(world.live, "", None)

        assert [(person.name, person.role) for person in people] == [
            ("Zadie", "owner"), ("Morgan", "moderator"), ("Ann", None), ("Bob", None),
        ]  # fmt: skip

    simulate(story)


def test_the_pages_of_a_large_room_hold_everyone_once() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        for member_id in range(1, 2 * PAGE_SIZE + 51):
            await house.enter(member_id)

        pages = await house.all_pages("member")

        assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 50]
        assert {one for page in pages for one in page} == set(range(1, 2 * PAGE_SIZE + 51))

    simulate(story)


def test_a_page_ends_where_the_people_do() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        for member_id in range(1, PAGE_SIZE + 1):
            await house.enter(member_id)

        assert [len(page) for page in await house.all_pages()] == [PAGE_SIZE]

    simulate(story)


def test_a_node_with_more_people_than_its_roster_names_is_asked() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        await house.enter(1)
        house.another_node(2, 3, 4, 5)

        finding = asyncio.create_task(house.find("member"))
        await asyncio.sleep(0.01)
        house.answer_there(2, 3, 4, 5)

        assert await finding == [f"Member {number}" for number in range(1, 6)]

    simulate(story)


def test_a_node_whose_roster_is_whole_is_not_asked() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        await house.enter(1)
        house.another_node(2, 3)

        assert await house.find() == ["Member 1", "Member 2", "Member 3"]
        assert not any(isinstance(hint, bus.PeopleWanted) for hint in world.bus.published)

    simulate(story)


def test_a_node_that_does_not_answer_holds_up_nobody_for_long() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        await house.enter(1)
        house.another_node(2, 3, 4, 5)

        async with asyncio.timeout(1.5):
            assert await house.find() == ["Member 1", "Member 2", "Member 3"]

    simulate(story)


def test_a_node_answers_with_the_first_of_its_own() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        for member_id in range(1, PAGE_SIZE + 21):
            await house.enter(member_id)
        start = (2, folded("Member 10"), 10)

        house.finder.on_message(
            bus.PeopleWanted(node="there", room_id=1, number=7, wanted="member 1", start=start)
        )
        await asyncio.sleep(0.1)

        [answer] = [hint for hint in world.bus.published if isinstance(hint, bus.PeopleFound)]
        assert (answer.asker, answer.number) == ("there", 7)
        names = [name for _, name in answer.members]
        assert "Member 10" not in names
        assert names[:2] == ["Member 100", "Member 101"]
        assert all(folded(one) <= folded(other) for one, other in pairwise(names))

    simulate(story)


def test_the_first_of_a_page_follows_the_last_of_the_page_before_even_if_they_have_left() -> None:
    async def story(world: World) -> None:
        house = Searched(world)
        await house.named("Ann", "Cy")

        people, _ = await house.finder.find(world.live, "", protocol.PresentMember(9, "Bob"))

        assert [person.name for person in people] == ["Cy"]

    simulate(story)
