"""The wire between a node and Redis, which loses what it is told to lose."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lab.kit.redis_proxy import RedisProxy

pytestmark = pytest.mark.once


def command(*parts: bytes) -> bytes:
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


def hint(text: bytes, channel: bytes = b"chat__group__room.1") -> bytes:
    """As a subscriber is told: a push of Redis's third protocol."""
    return b">" + command(b"message", channel, text)[1:]


class Echo:
    """A Redis that answers each byte with itself."""

    async def start(self) -> int:
        self.heard = b""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        while data := await reader.read(1 << 16):
            self.heard += data
            writer.write(data)
        writer.close()


class Wire:
    """A node's end of the wire, the wire, and the far end."""

    async def start(self) -> None:
        self.redis = Echo()
        self.proxy = RedisProxy(await self.redis.start())
        await self.proxy.start()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.proxy.port)

    async def ask(self, data: bytes) -> bytes:
        self.writer.write(data)
        return await self._hear()

    async def tell(self, data: bytes) -> bytes:
        """What arrives of this, said by Redis."""
        self.redis.writer.write(data)
        return await self._hear()

    async def _hear(self) -> bytes:
        try:
            async with asyncio.timeout(0.2):
                return await self.reader.read(1 << 16)
        except TimeoutError:
            return b""

    async def stop(self) -> None:
        self.writer.close()
        await self.proxy.stop()
        self.redis.server.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    await wire.start()
    yield wire
    await wire.stop()


async def test_it_carries_both_ways(wire: Wire) -> None:
    assert await wire.ask(command(b"PING")) == command(b"PING")


async def test_in_silence_nothing_passes_and_nothing_is_closed(wire: Wire) -> None:
    wire.proxy.silent = True
    assert await wire.ask(command(b"PING")) == b""

    wire.proxy.silent = False
    assert await wire.ask(command(b"PING")) == command(b"PING")


async def test_it_drops_what_is_published_to_rooms_and_answers_as_redis_would(wire: Wire) -> None:
    wire.proxy.drops_rooms = True

    assert await wire.ask(command(b"PUBLISH", b"chat__group__room.1", b"news")) == b":0\r\n"
    marker = command(b"PUBLISH", b"chat.specific", b"marker")
    assert await wire.ask(marker) == marker

    assert wire.redis.heard == marker
    assert wire.proxy.dropped == 1


async def test_in_chaos_each_hint_to_a_room_is_lost_doubled_or_carried(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    fates = iter(["lose", "double", "delay", "carry"])
    monkeypatch.setattr("lab.kit.redis_proxy.random.choice", lambda _: next(fates))
    monkeypatch.setattr("lab.kit.redis_proxy.random.uniform", lambda *_: 0.05)
    wire.proxy.chaotic = True
    await wire.ask(command(b"PING"))
    lost, doubled, late, carried = (hint(text) for text in (b"1", b"2", b"3", b"4"))

    heard = await wire.tell(lost + doubled + late + carried)
    while len(heard) < len(doubled * 2 + late + carried):
        heard += await wire.reader.read(1 << 16)

    assert heard == doubled * 2 + carried + late
    assert wire.proxy.dropped == 1


async def test_chaos_touches_nothing_but_hints_to_rooms(wire: Wire) -> None:
    wire.proxy.chaotic = True
    await wire.ask(command(b"PING"))
    others = b":1\r\n" + hint(b"marker", b"chat.specific") + b"+OK\r\n"

    assert await wire.tell(others) == others


async def test_a_message_in_pieces_is_one_message(wire: Wire) -> None:
    await wire.ask(command(b"PING"))
    whole = hint(b"x" * 100)

    assert await wire.tell(b"+OK\r\n" + whole[:5]) == b"+OK\r\n"
    assert await wire.tell(whole[5:40]) == b""
    assert await wire.tell(whole[40:]) == whole


async def test_a_command_in_pieces_is_one_command(wire: Wire) -> None:
    whole = command(b"PUBLISH", b"chat.specific", b"x" * 100)

    assert await wire.ask(whole[:30]) == b""
    assert await wire.ask(whole[30:]) == whole
