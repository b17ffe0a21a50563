"""A proxy between a node and Redis that can fall silent, or lose what is published."""

import asyncio
import random
from collections.abc import Iterator

ROOM_GROUP = b"__group__room."
# How a subscriber's messages begin: "message", the channel, and what was published; as an array in
# the second version of Redis's protocol, as a push in the third.
MESSAGE = b"*3\r\n$7\r\nmessage\r\n", b">3\r\n$7\r\nmessage\r\n"
# What chaos does to a hint: one of these, with equal probability.
CHAOS = ["lose", "double", "delay", "delay", *["carry"] * 6]
CHAOS_SECONDS = 0.4


class RedisProxy:
    """Listens on a port of its own, and carries bytes to and from Redis."""

    def __init__(self, redis_port: int) -> None:
        self.port = 0
        # Drops everything, both ways; no connection is closed or refused.
        self.silent = False
        # Acknowledges what is published to rooms, and drops it.
        self.drops_rooms = False
        # Loses, doubles or delays messages to rooms; delayed ones are then out of order.
        self.chaotic = False
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
                await reader.read()  # a connection made while silent stays silent
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
        waiting = b""
        while data := await reader.read(1 << 16):
            if self.silent:
                waiting = b""
                continue
            waiting += data
            while end_and_kind := next_answer(waiting):
                end, is_hint = end_and_kind
                if is_hint and self.chaotic:
                    self._disturb(writer, waiting[:end])
                else:
                    writer.write(waiting[:end])
                waiting = waiting[end:]

    def _disturb(self, writer: asyncio.StreamWriter, message: bytes) -> None:
        fate = random.choice(CHAOS)  # noqa: S311
        if fate == "delay":
            delay = random.uniform(0, CHAOS_SECONDS)  # noqa: S311
            asyncio.get_running_loop().call_later(delay, _write, writer, message)
        elif fate == "lose":
            self.dropped += 1
        else:
            writer.write(message * 2 if fate == "double" else message)

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
            for start, end, parts in commands(waiting):
                taken = end
                if self.drops_rooms and parts[0].upper() == b"PUBLISH" and ROOM_GROUP in parts[1]:
                    self.dropped += 1
                    back.write(b":0\r\n")
                else:
                    redis.write(waiting[start:end])
            waiting = waiting[taken:]


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)


def next_answer(data: bytes) -> tuple[int, bool] | None:
    """Where the first of these answers ends, and whether it is a hint to a room.

    A subscriber's message is never cut, so that a late one cannot get into the middle of another.
    """
    if data.startswith(MESSAGE):
        whole = next(commands(data), None)
        return whole and (whole[1], ROOM_GROUP in whole[2][1])
    begun = next((k for k in range(len(MESSAGE[0]) - 1, 0, -1) if _ends_with_beginning(data, k)), 0)
    starts = [start for beginning in MESSAGE if (start := data.find(beginning)) > 0]
    end = min(starts, default=len(data) - begun)
    return (end, False) if end else None


def _ends_with_beginning(data: bytes, size: int) -> bool:
    return data.endswith(tuple(beginning[:size] for beginning in MESSAGE))


def commands(data: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """The whole arrays of strings, as commands and messages are, that `data` begins with."""
    start = 0
    while data[start : start + 1] in (b"*", b">"):
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
