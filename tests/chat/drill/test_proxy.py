"""The wire between a node and Redis, which loses what it is told to lose."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat.drill.proxy import Proxy


def command(*parts: bytes) -> bytes:
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


class Echo:
    """A Redis that answers each byte with itself."""

    async def start(self) -> int:
        self.heard = b""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            self.heard += data
            writer.write(data)
        writer.close()


class Wire:
    """A node's end of the wire, the wire, and the far end."""

    async def start(self) -> None:
        self.redis = Echo()
        self.proxy = Proxy(await self.redis.start())
        await self.proxy.start()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.proxy.port)

    async def ask(self, data: bytes) -> bytes:
        self.writer.write(data)
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


async def test_a_command_in_pieces_is_one_command(wire: Wire) -> None:
    whole = command(b"PUBLISH", b"chat.specific", b"x" * 100)

    assert await wire.ask(whole[:30]) == b""
    assert await wire.ask(whole[30:]) == whole
