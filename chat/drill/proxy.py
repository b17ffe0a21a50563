"""A wire between a node and Redis that can be cut without a sound, or lose what is published."""

import asyncio
from collections.abc import Iterator

ROOM_GROUP = b"__group__room."


class Proxy:
    """Listens on a port of its own, and carries bytes to and from Redis."""

    def __init__(self, redis_port: int) -> None:
        self.port = 0
        # Both ways everything is swallowed; no connection is closed, none is refused.
        self.silent = False
        # What is published to rooms is answered as published, and dropped.
        self.drops_rooms = False
        self.dropped = 0
        self._redis_port = redis_port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self.silent:
                await reader.read()  # a connection made in silence never hears anything
                return
            try:
                there = await asyncio.open_connection("127.0.0.1", self._redis_port)
            except OSError:
                return
            self._writers.add(there[1])
            ways = [
                asyncio.ensure_future(self._ask(reader, there[1], writer)),
                asyncio.ensure_future(self._answer(there[0], writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            there[1].close()
            self._writers.discard(there[1])
        except OSError:
            pass
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            if not self.silent:
                writer.write(data)

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        redis: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
    ) -> None:
        waiting = b""
        while data := await reader.read(1 << 16):
            if self.silent:
                waiting = b""
                continue
            waiting += data
            taken = 0
            for start, end, parts in _commands(waiting):
                taken = end
                if self.drops_rooms and parts[0].upper() == b"PUBLISH" and ROOM_GROUP in parts[1]:
                    self.dropped += 1
                    back.write(b":0\r\n")
                else:
                    redis.write(waiting[start:end])
            waiting = waiting[taken:]


def _commands(data: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """The whole commands (arrays of strings in Redis's protocol) that `data` begins with."""
    start = 0
    while data[start : start + 1] == b"*":
        line = data.find(b"\r\n", start)
        if line < 0:
            return
        parts, at = [], line + 2
        for _ in range(int(data[start + 1 : line])):
            line = data.find(b"\r\n", at)
            if line < 0:
                return
            size = int(data[at + 1 : line])
            at = line + 2 + size + 2
            if at > len(data):
                return
            parts.append(data[line + 2 : line + 2 + size])
        yield start, at, parts
        start = at
