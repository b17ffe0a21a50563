"""Hints that come again, late or from another installation are left out: polling finds the rest."""

import asyncio
import time
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from hypothesis import given
from hypothesis import strategies as st

from chat import bus
from chat.bus import AGE_MAX_SECONDS, EVERYWHERE, Bus, MemberChanged, NodeAlive, broker
from chat.bus.replays import NUMBERS_REMEMBERED, Senders


@given(st.lists(st.integers(1, 3 * NUMBERS_REMEMBERED)))
def test_no_number_counts_twice(numbers: list[int]) -> None:
    senders = Senders(60)

    new = [number for number in numbers if senders.is_new("north", number)]

    assert len(new) == len(set(new))


@given(st.integers(1, 2**40), st.permutations(range(20)))
def test_numbers_may_overtake_each_other(first: int, order: list[int]) -> None:
    senders = Senders(60)
    assert senders.is_new("north", first)

    assert all(senders.is_new("north", first + 1 + ahead) for ahead in order)


def test_what_was_before_the_first_that_we_heard_is_old() -> None:
    senders = Senders(60)
    assert senders.is_new("north", 10)

    assert [senders.is_new("north", number) for number in (9, 1, 10, 11)] == [
        False,
        False,
        False,
        True,
    ]
    assert senders.is_new("south", 9)


class Tapped(InMemoryChannelLayer):
    """A layer on which someone listens and writes."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, dict[str, Any]]] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.heard.append((group, message))
        await super().group_send(group, message)

    async def send_again(self) -> None:
        for group, message in list(self.heard):
            await super().group_send(group, message)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Tapped:
    layer = Tapped()
    monkeypatch.setattr(broker, "get_channel_layer", lambda: layer)
    return layer


async def met(*nodes: Bus) -> None:
    """They listen, and know each other."""
    for node in nodes:
        node.start()
        await asyncio.sleep(0.05)


async def test_a_hint_that_is_sent_again_is_not_heard_again(layer: Tapped) -> None:
    heard: list[bus.BusMessage] = []
    north, south = Bus("north"), Bus("south", heard.append)
    await met(north, south)
    hints: list[bus.BusMessage] = [
        MemberChanged(7),
        bus.Roster(node="north", room_id=1, count=1, members=[(7, "Ghost")]),
        bus.Typed(node="north", room_id=1, member_id=7, name="Ghost"),
        bus.ModerationChanged(),
    ]
    for hint in hints:
        north.publish(EVERYWHERE, hint)
    await asyncio.sleep(0.05)
    # Those of presence give way to others.
    told = [hint for hint in heard if hint != NodeAlive("north")]
    assert sorted(told, key=repr) == sorted(hints, key=repr)
    del heard[:]

    await layer.send_again()
    await asyncio.sleep(0.05)

    assert heard == []
    await asyncio.gather(north.stop(), south.stop())


@pytest.mark.parametrize("seconds", [AGE_MAX_SECONDS + 5, 86_400, -AGE_MAX_SECONDS - 5])
async def test_a_hint_of_another_time_is_not_heard(
    layer: Tapped, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Held back by someone, or from a node whose clock is wrong."""
    heard: list[bus.BusMessage] = []
    north, south = Bus("north"), Bus("south", heard.append)
    await met(north, south)
    real = time.time
    monkeypatch.setattr(layer, "group_send", None)  # nothing goes out by itself
    letter = bus.Letter(node="north", number=99, at=real() - seconds, hint=MemberChanged(7))

    envelope = {"type": "hint", "hint": broker._encoder.encode(letter)}
    await InMemoryChannelLayer.group_send(layer, EVERYWHERE, envelope)
    await asyncio.sleep(0.05)

    assert MemberChanged(7) not in heard
    assert south.unreadable == 1
    await asyncio.gather(north.stop(), south.stop())


async def test_strangers_are_not_heard_and_make_no_company(layer: Tapped) -> None:
    heard: list[bus.BusMessage] = []
    north = Bus("north")
    south = Bus("south", heard.append, trusts=lambda node: node != "north")
    await met(north, south)

    north.publish(EVERYWHERE, MemberChanged(7))
    south.publish("room.1", MemberChanged(8))
    await asyncio.sleep(0.05)

    assert heard == []
    assert "room.1" not in [group for group, _ in layer.heard]
    await asyncio.gather(north.stop(), south.stop())
