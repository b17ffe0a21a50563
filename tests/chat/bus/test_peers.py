"""Nodes get to know each other, however slowly one of them learns to hear."""

import asyncio
import contextlib
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chat.bus import Bus, broker


class SlowLayer:
    """The layer of a node whose connection takes its time: it can speak before it can hear."""

    def __init__(self, layer: InMemoryChannelLayer) -> None:
        self._layer = layer

    async def new_channel(self) -> str:
        await asyncio.sleep(0.1)
        return str(await self._layer.new_channel())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)


async def test_a_newcomer_that_speaks_before_it_hears_is_not_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = InMemoryChannelLayer()
    met: dict[str, list[str]] = {"old": [], "new": []}

    def node(name: str, layer: Any) -> Bus:
        monkeypatch.setattr(broker, "get_channel_layer", lambda: layer)
        node = Bus(name, lambda hint: met[name].append(getattr(hint, "node", "")))
        node.start()
        return node

    old = node("old", layer)
    await asyncio.sleep(0.05)
    new = node("new", SlowLayer(layer))
    await asyncio.sleep(0.3)

    assert met == {"old": ["new"], "new": ["old"]}
    await asyncio.gather(old.stop(), new.stop())


class CancelledFlush(InMemoryChannelLayer):
    """Flushes as channels_redis does: waits for a task of its own, and takes any cancellation
    meanwhile for that task's end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.listening: set[str] = set()

    async def flush(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.05)
        await super().flush()

    async def receive(self, channel: str) -> Any:
        self.listening.add(channel)
        try:
            return await super().receive(channel)
        finally:
            self.listening.discard(channel)


@pytest.mark.parametrize("times", [2, 3, 5])
async def test_reconnecting_again_at_once_leaves_one_listener(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    layer = CancelledFlush()
    monkeypatch.setattr(broker, "get_channel_layer", lambda: layer)
    node = Bus("node", lambda hint: None)
    node.start()
    await asyncio.sleep(0.05)

    for _ in range(times):
        node.reconnect()
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)

    assert layer.listening == {node._channel}
    await node.stop()
