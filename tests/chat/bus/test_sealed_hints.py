"""Hints are sealed with SECRET_KEY: on Redis they can neither be read nor made up."""

import asyncio
from typing import Any

import pytest
import redis.asyncio
from pytest_django import Settings

from chat import bus
from chat.bus import EVERYWHERE, Bus, MemberChanged, NodeAlive, broker
from chatroom.server.channel_layer import ChannelLayer

pytestmark = pytest.mark.redis

OURS = "our secret key"


@pytest.fixture
def made_with(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a bus on this Redis, whose hints are sealed with these keys."""

    def make(node: str, *listeners: Any, keys: list[str]) -> Bus:
        layer = ChannelLayer(
            hosts=[settings.REDIS_URL], prefix="sealed", symmetric_encryption_keys=keys
        )
        monkeypatch.setattr(broker, "get_channel_layer", lambda: layer)
        return Bus(node, *listeners)

    return make


async def started(*nodes: Bus) -> None:
    for node in nodes:
        node.start()
        async with asyncio.timeout(5):
            while node._channel is None:  # noqa: ASYNC110 - a bus tells nobody that it listens
                await asyncio.sleep(0.01)


async def test_on_redis_nothing_can_be_read_of_what_is_said(
    settings: Settings, made_with: Any
) -> None:
    north = made_with("north", keys=[OURS])
    await started(north)
    hint = bus.Batch(
        room_id=7,
        room="lobby",
        epoch="epoch",
        previous_id=None,
        first=1,
        last=1,
        last_id=None,
        changes=[(1, 1, b'{"body":"a secret"}')],
    )
    async with redis.asyncio.from_url(settings.REDIS_URL) as stranger, stranger.pubsub() as tap:
        await tap.psubscribe("sealed*")

        north.publish(EVERYWHERE, hint)
        north.publish(EVERYWHERE, bus.Typed(node="north", room_id=7, member_id=1, name="Alice"))
        heard = [await anext(data_on(tap)) for _ in range(2)]

    assert len(heard) == 2
    for secret in (b"a secret", b"lobby", b"Alice", b"north"):
        assert secret not in b"".join(heard)
    await north.stop()


async def data_on(tap: Any) -> Any:
    async for message in tap.listen():
        if message["type"] == "pmessage" and len(message["data"]) > 0:
            yield message["data"]


@pytest.mark.parametrize(
    ("keys", "is_heard"),
    [([OURS], True), (["a new key", OURS], False), (["another key"], False), ([], False)],
)
async def test_a_hint_that_is_not_sealed_with_our_key_is_left_out(
    made_with: Any, keys: list[str], is_heard: bool
) -> None:
    heard: list[bus.BusMessage] = []
    told = asyncio.Event()

    def listen(hint: bus.BusMessage) -> None:
        heard.append(hint)
        if hint == MemberChanged(8):
            told.set()

    south = made_with("south", listen, keys=[OURS])
    stranger, north = made_with("north", keys=keys), made_with("east", keys=[OURS])
    await started(south, stranger, north)

    stranger.publish(EVERYWHERE, MemberChanged(7))
    await stranger._outgoing.join()
    north.publish(EVERYWHERE, MemberChanged(8))  # what comes behind it has been heard
    await asyncio.wait_for(told.wait(), 5)

    assert (MemberChanged(7) in heard) is is_heard
    assert (NodeAlive("north") in heard) is is_heard
    assert bool(south.unreadable) is not is_heard
    await asyncio.gather(south.stop(), stranger.stop(), north.stop())
