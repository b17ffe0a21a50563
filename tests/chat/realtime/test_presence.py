"""Who is here and who types: told soon, gossiped between nodes, forgotten in time. Virtual time."""

import asyncio
from typing import Any

import pytest

from chat import bus
from chat.realtime.presence import LARGE_ROOM, LARGE_ROOM_SECONDS, ROSTER_MAX, Presence

from .simulation import Tab, World, simulate

pytestmark = pytest.mark.once


class House:
    """A world with presence: people come and go by these methods."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.roles: dict[int, str] = {}
        self.presence = Presence("here", world.hub, self.role_of)
        world.listeners = [self._heard]
        world.scheduler.run(self._tick())

    def role_of(self, member_id: int, room_id: int) -> str | None:
        return self.roles.get(member_id)

    def _heard(self, hint: bus.BusMessage) -> None:
        if isinstance(hint, bus.Roster | bus.RosterWanted | bus.Typed):
            self.presence.on_message(hint)
        else:
            self.world.hub.on_message(hint)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.presence.tick()

    async def enter(self, member_id: int) -> Tab:
        tab = await self.world.enter(member_id)
        self.presence.entered(tab.connection, self.world.live)
        return tab

    def leave(self, tab: Tab) -> None:
        live = self.world.live
        tab.leave()
        self.presence.left(tab.connection, live)

    def roster(self, node: str, *member_ids: int) -> None:
        names = [(member_id, f"Member {member_id}") for member_id in member_ids]
        self.presence.on_message(bus.Roster(node=node, room_id=1, count=len(names), members=names))


def told(tab: Tab) -> list[dict[str, Any]]:
    return [event for event in tab.events if event["type"].startswith("presence")]


def here(tab: Tab) -> set[int]:
    """Who is here, as this tab's events add up."""
    people: set[int] = set()
    for event in told(tab):
        if event["type"] == "presence.state":
            people = {member["id"] for member in event["members"]}
        else:
            people |= {member["id"] for member in event["joined"]}
            people -= {member["id"] for member in event["left"]}
    return people


def typing(tab: Tab) -> list[str]:
    return next((list(e["names"]) for e in tab.events[::-1] if e["type"] == "typing"), [])


def test_who_enters_is_told_who_is_here_and_the_others_are_told_of_them() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)

        bob = await house.enter(2)
        assert here(bob) == {1, 2}
        await asyncio.sleep(1.1)

        assert here(alice) == {1, 2}
        assert told(alice)[-1]["count"] == 2

    simulate(story)


def test_two_tabs_are_one_person() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)
        await asyncio.sleep(1.1)
        tabs = [await house.enter(2), await house.enter(2)]
        await asyncio.sleep(1.1)
        assert told(alice)[-1]["count"] == 2

        house.leave(tabs[0])
        await asyncio.sleep(3)
        assert here(alice) == {1, 2}
        house.leave(tabs[1])
        await asyncio.sleep(1.1)

        assert here(alice) == {1}
        assert told(alice)[-1]["count"] == 1

    simulate(story)


def test_one_person_on_two_nodes_is_one_person() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)

        house.roster("there", 1, 2)
        await asyncio.sleep(1.1)

        assert here(alice) == {1, 2}
        assert told(alice)[-1]["count"] == 2

    simulate(story)


def test_the_people_of_a_silent_node_fade_after_thirty_seconds() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)
        house.roster("there", 2)

        await asyncio.sleep(29)
        assert here(alice) == {1, 2}
        await asyncio.sleep(3)

        assert here(alice) == {1}

    simulate(story)


def test_a_node_that_beats_keeps_its_people() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)

        for _ in range(10):
            house.roster("there", 2)
            await asyncio.sleep(10)

        assert here(alice) == {1, 2}

    simulate(story)


def test_while_the_bus_is_silent_nobody_fades_nor_flickers_when_it_is_back() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)
        house.roster("there", 2)
        await asyncio.sleep(1.1)
        world.bus.go_deaf()

        await asyncio.sleep(100)
        assert world.is_degraded()
        assert here(alice) == {1, 2}
        world.bus.mend()
        # The other node beats within ten seconds of being heard again.
        await asyncio.sleep(12)
        assert not world.is_degraded()
        house.roster("there", 2)
        await asyncio.sleep(5)

        assert here(alice) == {1, 2}
        assert not any(event.get("left") for event in told(alice))

    simulate(story)


def test_a_node_whose_people_have_gone_during_the_silence_fades_afterwards() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)
        house.roster("there", 2)
        world.bus.go_deaf()
        await asyncio.sleep(100)
        world.bus.mend()

        await asyncio.sleep(36)

        assert here(alice) == {1}

    simulate(story)


def test_a_node_tells_who_is_here_at_once_and_then_every_ten_seconds() -> None:
    async def story(world: World) -> None:
        house = House(world)
        await house.enter(1)
        await asyncio.sleep(35)

        beats = [hint for hint in world.bus.published if isinstance(hint, bus.NodeAlive)]
        here = bus.Roster(node="here", room_id=1, count=1, members=[(1, "Member 1")])
        assert [beat.rosters for beat in beats[-3:]] == [[here]] * 3
        assert 3 <= len(beats) <= 5
        assert here in world.bus.published or beats[0].rosters == [here]
        assert bus.RosterWanted(1, "here") in world.bus.published

    simulate(story)


def test_a_node_that_is_met_is_told_of_all_rooms_in_one_message() -> None:
    async def story(world: World) -> None:
        house = House(world)
        await house.enter(1)
        await asyncio.sleep(12.5)
        world.bus.published.clear()

        house.presence.met()
        await asyncio.sleep(1)

        here = bus.Roster(node="here", room_id=1, count=1, members=[(1, "Member 1")])
        told = [hint for hint in world.bus.published if not isinstance(hint, bus.LoopbackProbe)]
        assert told == [bus.NodeAlive("here", [here])]

    simulate(story)


def test_a_node_that_asks_is_answered_within_a_second() -> None:
    async def story(world: World) -> None:
        house = House(world)
        await house.enter(1)
        await asyncio.sleep(12.5)
        world.bus.published.clear()

        house.presence.on_message(bus.RosterWanted(1, "there"))
        await asyncio.sleep(1)

        assert (
            bus.Roster(node="here", room_id=1, count=1, members=[(1, "Member 1")])
            in world.bus.published
        )

    simulate(story)


def test_typing_is_forgotten_after_five_seconds() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice, bob = await house.enter(1), await house.enter(2)

        house.presence.typed(bob.connection, world.live)
        assert typing(alice) == ["Member 2"]
        await asyncio.sleep(4.5)
        assert typing(alice) == ["Member 2"]
        await asyncio.sleep(2)

        assert typing(alice) == []

    simulate(story)


def test_typing_ends_with_the_message_or_with_leaving() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice, bob = await house.enter(1), await house.enter(2)

        house.presence.typed(bob.connection, world.live)
        house.presence.said(2, world.live)
        assert typing(alice) == []
        house.presence.typed(bob.connection, world.live)
        house.leave(bob)
        await asyncio.sleep(1.1)

        assert typing(alice) == []

    simulate(story)


def test_typing_travels_at_most_once_a_second() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)

        for _ in range(50):
            house.presence.typed(alice.connection, world.live)
            await asyncio.sleep(0.1)

        told = [hint for hint in world.bus.published if isinstance(hint, bus.Typed)]
        assert 4 <= len(told) <= 6

    simulate(story)


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_large_room_has_a_count_a_capped_list_and_a_calm_voice(where: str) -> None:
    people = LARGE_ROOM + 50

    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)
        if where == "here":
            for member_id in range(2, people + 1):
                await house.enter(member_id)
        else:
            names = [(number, f"Member {number}") for number in range(2, ROSTER_MAX + 2)]
            house.presence.on_message(
                bus.Roster(node="there", room_id=1, count=people - 1, members=names)
            )
        await asyncio.sleep(LARGE_ROOM_SECONDS + 1)
        assert told(alice)[-1]["count"] == people
        assert len(here(alice)) <= ROSTER_MAX

        before = len(told(alice))
        for member_id in range(1000, 1020):
            await house.enter(member_id)
            await asyncio.sleep(0.5)
        await asyncio.sleep(LARGE_ROOM_SECONDS + 1)

        assert told(alice)[-1]["count"] == people + 20
        assert len(told(alice)) - before <= 4
        latest = (await house.enter(5000)).events[-1]
        assert latest["type"] == "presence.state"
        assert len(latest["members"]) <= ROSTER_MAX

    simulate(story)


def test_a_role_is_told_with_the_name_and_again_when_it_changes() -> None:
    async def story(world: World) -> None:
        house = House(world)
        alice = await house.enter(1)
        house.roles[2] = "moderator"
        await house.enter(2)
        await asyncio.sleep(1.1)
        bob = {"id": 2, "name": "Member 2", "role": "moderator"}
        assert bob in told(alice)[-1]["joined"]

        del house.roles[2]
        house.presence.roles_changed()
        await asyncio.sleep(1.1)

        assert told(alice)[-1]["joined"] == [{"id": 2, "name": "Member 2"}]
        assert told(alice)[-1]["left"] == [bob]

    simulate(story)
