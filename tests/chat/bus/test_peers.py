"""Nodes get to know each other, however slowly one of them learns to hear."""

import asyncio
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chat import bus
from chat.bus import Bus


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
        monkeypatch.setattr(bus, "get_channel_layer", lambda: layer)
        node = Bus(name, lambda hint: met[name].append(getattr(hint, "node", "")))
        node.start()
        return node

    old = node("old", layer)
    await asyncio.sleep(0.05)
    new = node("new", SlowLayer(layer))
    await asyncio.sleep(0.3)

    assert met == {"old": ["new"], "new": ["old"]}
    await asyncio.gather(old.stop(), new.stop())
