"""Presence never keeps a message's hint from the other nodes, however much of it there is."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat import bus
from chat.bus import (
    PRESENCE_MAX,
    QUEUE_MAX,
    Bus,
    BusMessage,
    NodeAlive,
    Roster,
    RosterWanted,
    Typed,
    broker,
)
from chat.bus.bus_messages import Letter

pytestmark = pytest.mark.once


class Layer:
    """Stands for Redis: it takes nothing until it is let."""

    def __init__(self) -> None:
        self.taken: list[BusMessage] = []
        self.open = asyncio.Event()

    async def new_channel(self) -> str:
        return "channel"

    async def receive(self, channel: str) -> Any:
        await asyncio.Event().wait()

    async def group_add(self, group: str, channel: str) -> None: ...

    async def group_send(self, group: str, envelope: dict[str, Any]) -> None:
        await self.open.wait()
        self.taken.append(broker._decoder.decode(envelope["hint"]).hint)


@pytest.fixture
async def crowded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Bus, Layer]]:
    """A bus with another node to speak to, and what has come through to that."""
    layer = Layer()
    monkeypatch.setattr(broker, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(broker, "PUBLISH_SECONDS", 30)
    mouth = Bus("here")
    mouth.meet("there")
    mouth.start()
    await asyncio.sleep(0)
    yield mouth, layer
    layer.open.set()
    await mouth.stop()


def roster(room_id: int, count: int = 1) -> BusMessage:
    return Roster(node="here", room_id=room_id, count=count, members=[])


BURSTS = {
    "rosters of many rooms": [roster(number) for number in range(3 * PRESENCE_MAX)],
    "people who type": [
        Typed(node="here", room_id=1, member_id=number, name="x")
        for number in range(2 * PRESENCE_MAX)
    ],
    "rooms that ask who is there": [RosterWanted(number, "here") for number in range(6000)],
    "one roster again and again": [roster(1, number) for number in range(6000)],
}


@pytest.mark.parametrize("burst", BURSTS.values(), ids=BURSTS.keys())
async def test_no_burst_of_presence_drops_or_delays_a_hint_of_the_log(
    crowded: tuple[Bus, Layer], burst: list[BusMessage]
) -> None:
    mouth, layer = crowded
    heads: list[BusMessage] = [bus.Head(1, number) for number in range(QUEUE_MAX - 10)]

    for number, hint in enumerate(burst):
        mouth.publish("room.1", hint)
        if number < len(heads):
            mouth.publish("room.1", heads[number])
    assert mouth.waiting() <= QUEUE_MAX + PRESENCE_MAX
    layer.open.set()
    await mouth._outgoing.join()

    told = [hint for hint in layer.taken if not isinstance(hint, NodeAlive)]
    assert [hint for hint in told if isinstance(hint, bus.Head)] == heads
    # At most one of the burst was on its way before.
    assert told[1 : 1 + len(heads)] == heads or told[: len(heads)] == heads


async def test_of_what_waits_about_a_room_only_the_newest_is_told(
    crowded: tuple[Bus, Layer],
) -> None:
    mouth, layer = crowded

    for count in (1, 2, 3):
        for room_id in (1, 2):
            mouth.publish("room", roster(room_id, count))
    layer.open.set()
    await mouth._outgoing.join()

    assert [hint for hint in layer.taken if isinstance(hint, Roster)] == [
        roster(1, 3),
        roster(2, 3),
    ]
    assert mouth.dropped == 0


async def test_what_does_not_fit_is_counted(crowded: tuple[Bus, Layer]) -> None:
    mouth, _ = crowded

    for number in range(PRESENCE_MAX + 7):
        mouth.publish("room", roster(number))

    assert 6 <= mouth.dropped <= 7


async def test_a_heartbeat_carries_all_rosters_in_messages_of_bounded_size(
    crowded: tuple[Bus, Layer],
) -> None:
    mouth, layer = crowded
    names = [(number, f"Member {number}") for number in range(200)]
    rosters = [
        Roster(node="here", room_id=number, count=200, members=names if number % 10 == 0 else [])
        for number in range(300)
    ]

    mouth.beat(rosters)
    layer.open.set()
    await mouth._outgoing.join()

    beats = [hint for hint in layer.taken if isinstance(hint, NodeAlive) and hint.rosters]
    assert [roster for beat in beats for roster in beat.rosters] == rosters
    assert [beat.part for beat in beats] == list(range(len(beats)))
    sizes = [sum(1 + len(roster.members) for roster in beat.rosters) for beat in beats]
    assert 6 <= len(sizes) <= 9
    assert max(sizes) <= broker.HEARTBEAT_MAX


async def test_a_node_without_others_tells_nobody_who_is_here(
    crowded: tuple[Bus, Layer],
) -> None:
    mouth, layer = crowded
    mouth._others.clear()

    mouth.beat([Roster(node="here", room_id=1, count=1, members=[])])
    layer.open.set()
    await mouth._outgoing.join()

    assert layer.taken[-1] == NodeAlive("here")


async def test_the_rosters_of_a_heartbeat_are_heard_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker, "get_channel_layer", Layer)
    heard: list[BusMessage] = []
    south = Bus("south", heard.append)
    rosters = [Roster(node="north", room_id=number, count=1, members=[]) for number in (1, 2)]

    south._open(Letter(node="north", number=1, at=time.time(), hint=NodeAlive("north", rosters)))

    assert heard == [NodeAlive("north"), *rosters]


async def test_a_node_that_greets_us_later_than_we_met_it_is_told_all_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker, "get_channel_layer", Layer)
    heard: list[BusMessage] = []
    south = Bus("south", heard.append)
    for number, greets in enumerate((False, False, True), start=1):
        hint = NodeAlive("north", greets=greets)
        south._open(Letter(node="north", number=number, at=time.time(), hint=hint))

    assert heard == [NodeAlive("north")] * 2
