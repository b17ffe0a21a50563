"""A hub in virtual time: the real Hub, RoomStream, Connection and hints; a clock that jumps to the
next timer, a bus that fails as told, sockets that stop reading, and a log in memory (memory.py).
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgspec

from chat import bus, protocol
from chat.accounts.sessions import Identity
from chat.errors import Unavailable
from chat.realtime import bus_monitor as monitor_module
from chat.realtime import hub as hub_module
from chat.realtime import presence as presence_module
from chat.realtime.connection import Connection
from chat.realtime.head_poller import HeadPoller
from chat.realtime.hub import Hub
from chat.realtime.loop_connections import LoopConnections
from chat.realtime.room_entry import EntryHandler
from chat.realtime.room_stream import RoomStream
from chat.realtime.sockets import Frame, Send
from chat.rooms.models import Room
from chat.scheduler import Scheduler

from .faulty_bus import FaultyBus
from .memory import Log


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still while it works and jumps while it waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.now


class _Jump(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._virtual = loop

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "everything waits for something that never comes"
        self._virtual.now += max(0.0, timeout)
        return super().select(0)


# After the last fault everyone must be up to date within so many seconds.
CONVERGED_SECONDS = 2.0


def simulate(story: Callable[["World"], Coroutine[Any, Any, None]], seed: int = 0) -> None:
    """Tell a story in a world of its own, in no time."""
    loop = VirtualLoop()
    clock = SimpleNamespace(monotonic=loop.time)
    with (
        patch.object(monitor_module, "time", clock),
        patch.object(presence_module, "time", clock),
        patch.object(hub_module, "random", Random(seed)),
    ):
        try:
            loop.run_until_complete(_tell(story, seed))
        finally:
            loop.close()


async def _tell(story: Callable[["World"], Coroutine[Any, Any, None]], seed: int) -> None:
    world = World(Random(seed))
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, why: failures.append(why))
    try:
        await story(world)
    finally:
        await world.scheduler.stop()
    assert failures == []
    assert world.failures == []
    assert world.violations == []


class World:
    """One room, the hub of one node, and whoever is in there."""

    def __init__(self, random: Random, log: Log | None = None) -> None:
        self.random = random
        self.log = log or Log(Room(pk=1, key="lobby", name="Lobby"))
        self.database = Database(self.log, random)
        self.tabs: list[Tab] = []
        self.violations: list[AssertionError] = []
        # What went wrong in the background, besides a database that is away.
        self.failures: list[BaseException] = []
        self.start()

    def start(self) -> None:
        """A process that knows nothing yet."""
        self.scheduler = Scheduler(on_failure=self._failed)
        # Never opened: all that is read goes by the threads, which the database is.
        never_open = LoopConnections(self.scheduler, [])
        self.head_poller = HeadPoller(self.database, never_open)  # type: ignore[arg-type]
        self.hub = Hub(self.database, self.head_poller, self.scheduler)  # type: ignore[arg-type]
        self.entry = EntryHandler(self.database, self.hub)  # type: ignore[arg-type]
        self.bus = FaultyBus(self.heard, self.random)
        self.listeners: list[Callable[[bus.BusMessage], None]] = [self.hub.on_message]
        self.hub.start(self.bus)  # type: ignore[arg-type]

    def _failed(self, what: str, error: BaseException) -> None:
        if not isinstance(error, Unavailable):
            self.failures.append(error)

    def heard(self, hint: bus.BusMessage) -> None:
        for listener in self.listeners:
            listener(hint)

    @property
    def live(self) -> RoomStream:
        return self.hub.rooms[1]

    def is_degraded(self) -> bool:
        return self.hub.degraded

    def say(self, count: int = 1, *, here: bool = False) -> None:
        """A commit of so many messages, on another node or on this one."""
        self.announce(self.log.post(count), here=here)

    def announce(self, batch: bus.Batch, *, here: bool = False) -> None:
        if here:
            self.heard(batch)
        self.bus.carry(batch)

    async def enter(self, member_id: int = 1) -> "Tab":
        tab = Tab(self, member_id)
        self.tabs.append(tab)
        await tab.enter()
        return tab

    def everyone_equals_the_log(self) -> None:
        for tab in self.tabs:
            tab.equals(self.log)


class Database:
    """Stands for Threads: each reading takes its time, and sees the log before or after it."""

    def __init__(self, log: Log, random: Random) -> None:
        self.log = log
        self.away = False
        self.reads: list[str] = []
        self.seconds = 0.02
        # A page takes at least so long; and what is read by these names fails.
        self.at_least = 0.0
        self.away_for: set[str] = set()
        self._random = random

    async def read(self, service: Callable[..., Any], *args: Any) -> Any:
        name = service.__name__
        self.reads.append(name)
        await asyncio.sleep(self._random.uniform(0, self.seconds))
        if name in ("last_page_encoded", "since_encoded"):
            await asyncio.sleep(self.at_least)
        if self.away or name in self.away_for:
            raise Unavailable("The database is away.")
        answer = getattr(self.log, name)(*args)
        await asyncio.sleep(self._random.uniform(0, self.seconds))
        return answer


class Tab:
    """A browser's tab: a socket that may stop reading, and a client that checks what it gets."""

    def __init__(self, world: World, member_id: int = 1) -> None:
        self._world = world
        self.connection: Connection
        self.member_id = member_id
        self.position: protocol.Position | None = None
        self.first = 0
        self.entered_at = 0
        self.messages: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.closed_with: list[int] = []
        self.in_room = self.entering = self.resumed = False
        self.connect()

    # --- The socket ---------------------------------------------------------------------------

    def connect(self) -> None:
        self.writable, self.unwritable_since = True, 0.0
        self.reads, self.broken = True, False
        self._begun = b""
        self.on_writable: Callable[[], None] | None = None
        self.on_unwritable: Callable[[], None] | None = None
        self.on_text: Callable[[str], None] | None = None
        identity = Identity(self.member_id, f"Member {self.member_id}", 0)
        self.connection = Connection(identity, "address", self, self._close_socket)
        self.on_writable = self.connection.flush
        self.on_unwritable = self.connection.pause

    def write(self, frame: Frame) -> None:
        if self.broken:
            raise RuntimeError("this socket is broken")
        self._arrive(frame.wire)
        # A real one takes what does not fit, too, and says afterwards that it is full.
        self._notice(writable=self.reads)

    def direct_send(self) -> Send | None:
        return self._send if self.writable and not self.connection.closed else None

    def write_rest(self, frame: Frame, sent: int) -> None:
        self._arrive(frame.wire[sent:])
        self._notice(writable=False)

    def _send(self, wire: bytes) -> int:
        if self.broken:
            raise ConnectionResetError
        if not self.reads:
            sent = self._world.random.randrange(-1, len(wire))
            if sent < 0:
                raise BlockingIOError
            wire = wire[:sent]
        self._arrive(wire)
        return len(wire)

    def _arrive(self, wire: bytes) -> None:
        self._begun += wire
        while payload := self._whole_frame():
            if self.connection.closed:
                continue
            try:
                self._take(msgspec.json.decode(payload))
            except AssertionError as violation:
                # Kept, since whoever writes may survive what a socket raises.
                self._world.violations.append(violation)
                raise

    def _whole_frame(self) -> bytes | None:
        if len(self._begun) < 2:
            return None
        assert self._begun[0] == 0x81, "the rest of a frame is missing"
        size, start = self._begun[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(self._begun[2:start])
        end = start + size
        if len(self._begun) < end:
            return None
        payload, self._begun = self._begun[start:end], self._begun[end:]
        return payload

    def _notice(self, *, writable: bool) -> None:
        if self.writable and not writable:
            assert self.on_unwritable is not None
            self.writable = False
            self.on_unwritable()
        self.writable = writable

    def abort(self, code: int = 0) -> None:
        self._close_socket(1006)

    def pause_reading(self) -> None:
        """Commands do not come this way here."""

    def resume_reading(self) -> None:
        """Commands do not come this way here."""

    def stop_reading(self, *, noticed: bool = True) -> None:
        """The server notices at once, or when it next writes."""
        self.reads = False
        if noticed:
            self._notice(writable=False)

    def read_again(self) -> None:
        self.reads = True
        if not self.writable:
            assert self.on_writable is not None
            self.writable = True
            self.on_writable()

    def _close_socket(self, code: int) -> None:
        self.closed_with.append(code)
        asyncio.get_running_loop().call_soon(self.close_socket)

    def close_socket(self) -> None:
        self.connection.closed, self.in_room = True, False
        self._world.hub.leave(self.connection, "lobby")

    @property
    def seq(self) -> int:
        """How far it has come."""
        return self.position.seq if self.position else -1

    # --- The client ---------------------------------------------------------------------------

    async def enter(self) -> None:
        """Enter, or come back to where one was; on a new socket if the old one is closed."""
        if self.connection.closed:
            self.connect()
        self.entering = True
        try:
            while await self._enter_once():
                pass
        finally:
            self.entering = False

    async def _enter_once(self) -> bool:
        """Whether there is more to ask for."""
        before = len(self.events)
        await self._world.entry.enter(self.connection, "lobby", self.position, "ref")
        entered = [e for e in self.events[before:] if e["type"] == "room.entered"]
        return bool(entered) and entered[-1]["more"] and self.resumed

    def leave(self) -> None:
        self.in_room = False
        self._world.hub.leave(self.connection, "lobby")

    def _take(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if event["type"] == "room.entered":
            self.resumed = self.position is not None and "reset" not in event
            if not self.resumed:
                self.messages, self.first, self.entered_at = {}, event["from"], event["to"]
                self.position = protocol.Position(event["epoch"], event["from"] - 1)
            self.in_room = True
        elif event["type"] == "room.removed":
            # Nothing of the room is kept.
            self.in_room, self.position = False, None
            return
        elif event["type"] != "room.changes":
            return
        assert self.in_room, f"{event} came to one who has left"
        assert self.position is not None
        assert event["epoch"] == self.position.epoch
        assert event["from"] == self.position.seq + 1, "a hole, a double or a wrong order"
        assert event["to"] >= self.position.seq
        if event["type"] == "room.changes":
            numbers = [message["updated_seq"] for message in event["messages"]]
            assert all(event["from"] <= number <= event["to"] for number in numbers)
        for message in event["messages"]:
            self.messages[message["seq"]] = message
        to_id = event["to_id"] and UUID(event["to_id"])
        self.position = protocol.Position(event["epoch"], event["to"], to_id)

    def equals(self, log: Log) -> None:
        """Fails unless this tab shows what the log holds."""
        assert self.position == protocol.Position(log.epoch, log.head, log.ids[-1])
        truth = {
            seq: msgspec.json.decode(protocol.encode(message))
            for seq, message in log.messages.items()
        }
        newer = {
            seq: message
            for seq, message in truth.items()
            if seq >= self.first or message["updated_seq"] > self.entered_at
        }
        assert self.messages == {seq: truth[seq] for seq in self.messages}
        assert newer.keys() <= self.messages.keys()
