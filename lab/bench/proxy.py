"""A proxy on an edge: it carries what the edge lets through, message by message, in order."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from .edges import Edge
from .events import EventLog

CHUNK = 1 << 16
# What the proxy holds for someone who does not read, before it stops reading for them.
BUFFER_BYTES = 64 * 1024
# What was carried when one side ends is written to the other for so long.
FINISH_SECONDS = 1.0


class HangUpError(Exception):
    """The wire ends this connection now, without a word to either side."""


class Wire:
    """What one connection carries, as messages. `up` is towards the server.

    Both are given bytes as they come, and yield what is to be carried on, whole messages where they
    know them. What they leave out is lost. A subclass for each kind of edge.
    """

    def __init__(self, edge: Edge, events: EventLog) -> None:
        self.edge = edge
        self.events = events
        # Writes towards whoever connected, as if the server had said it.
        self.inject: Callable[[bytes], None] = lambda data: None

    def up(self, data: bytes) -> Iterable[bytes]:
        self.edge.count()
        yield data

    def down(self, data: bytes) -> Iterable[bytes]:
        self.edge.count()
        yield data

    def late_ms(self) -> float:
        """How much later than `delay_ms` the next message comes."""
        return 0.0

    def closed(self) -> None:
        """The connection has ended."""


class Proxy:
    """Listens on a port of its own, and carries between whoever connects and the server."""

    def __init__(self, edge: Edge, target_port: int, wire: Callable[[Edge], Wire]) -> None:
        self.port = 0
        self._edge = edge
        self._target_port = target_port
        self._wire = wire
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        edge.on_changed = self._edge_changed

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.hang_up()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def hang_up(self) -> None:
        """End every connection at once."""
        for connection in list(self._connections.values()):
            connection.abort()

    def _edge_changed(self) -> None:
        if self._edge.cut:
            self.hang_up()
        for connection in list(self._connections.values()):
            connection.edge_changed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._edge.cut or task is None:
            writer.transport.abort()
            return
        connection = _Connection(self._edge, self._wire(self._edge), reader, writer)
        self._connections[task] = connection
        self._edge.connections += 1
        try:
            await connection.run(self._target_port)
        finally:
            self._edge.connections -= 1
            del self._connections[task]


class _Connection:
    """Two ways, which end together."""

    def __init__(
        self,
        edge: Edge,
        wire: Wire,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._edge = edge
        self._wire = wire
        self._reader = reader
        self._writer = writer
        self._ways: list[_Direction] = []
        self._aborted = asyncio.Event()
        # Set unless the edge stops reading what comes down.
        self._reads = asyncio.Event()
        # Something was swallowed, so that the streams are not whole any more.
        self._was_silent = edge.silent
        self.edge_changed()

    def abort(self) -> None:
        self._aborted.set()

    def edge_changed(self) -> None:
        if self._was_silent and not self._edge.silent:
            self.abort()
        self._was_silent = self._edge.silent
        if self._edge.stops_reading:
            self._reads.clear()
        else:
            self._reads.set()

    async def run(self, port: int) -> None:
        """Carry until one side ends, or until it is aborted."""
        ending = asyncio.ensure_future(self._aborted.wait())
        carrying = asyncio.ensure_future(self._carry(port))
        try:
            await asyncio.wait([ending, carrying], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            carrying.cancel()
            await asyncio.gather(ending, carrying, return_exceptions=True)
            self._wire.closed()
            for writer in (self._writer, *(way.writer for way in self._ways)):
                writer.transport.abort()

    async def _carry(self, port: int) -> None:
        # One that is made in silence stays silent, and ends when the silence does.
        if self._edge.silent:
            await self._aborted.wait()
        there, writer = await self._connect(port)
        up, down = _Direction(self._edge, writer), _Direction(self._edge, self._writer)
        self._ways = [up, down]
        self._wire.inject = lambda data: down.carry(data, 0)
        pumps = [
            asyncio.ensure_future(self._pump(self._reader, up, self._wire.up)),
            asyncio.ensure_future(self._pump(there, down, self._wire.down, self._reads)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            # What was carried already is still to be written.
            await asyncio.gather(up.finish(), down.finish())
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        upstream = socket.socket()
        # A narrow one: what nobody reads soon fills it, and the server notices.
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        upstream.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", port))
            return await asyncio.open_connection(sock=upstream, limit=CHUNK)
        except BaseException:
            upstream.close()
            raise

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        way: "_Direction",
        messages: Callable[[bytes], Iterable[bytes]],
        reads: asyncio.Event | None = None,
    ) -> None:
        with suppress(OSError, HangUpError):
            while data := await reader.read(CHUNK):
                if not self._edge.silent:
                    for message in messages(data):
                        way.carry(message, self._wire.late_ms())
                    await way.writer.drain()
                if reads is not None:
                    await reads.wait()


class _Direction:
    """One direction: writes at once, or later where the edge delays, and always in order."""

    def __init__(self, edge: Edge, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        writer.transport.set_write_buffer_limits(high=BUFFER_BYTES)
        self._edge = edge
        # When each message is due, and its bytes.
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def carry(self, data: bytes, late_ms: float) -> None:
        delay = (self._edge.delay_ms + late_ms) / 1000
        if not delay and not self._waiting:
            self.writer.write(data)
            return
        loop = asyncio.get_running_loop()
        last = self._waiting[-1][0] if self._waiting else 0.0
        self._waiting.append((max(loop.time() + delay, last), data))
        if self._timer is None:
            self._timer = loop.call_at(self._waiting[0][0], self._write_due)

    def _write_due(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        # A delay that was taken away lets everything go at once.
        while self._waiting and (self._waiting[0][0] <= loop.time() or not self._edge.delay_ms):
            if not self.writer.is_closing():
                self.writer.write(self._waiting[0][1])
            self._waiting.popleft()
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0][0], self._write_due)

    async def finish(self) -> None:
        """Write what waits, for a moment at most, and close."""
        if self._waiting:
            last, now = self._waiting[-1][0], asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, last - now) if self._edge.delay_ms else 0)
        with suppress(OSError, TimeoutError):
            self.writer.close()
            await asyncio.wait_for(self.writer.wait_closed(), FINISH_SECONDS)
