"""The wire between a node and PostgreSQL: the messages of its protocol (version 3)."""

from collections.abc import Iterator

from . import clock
from .edges import RESENT_MS, Edge
from .events import EventLog
from .proxy import HangUpError, Wire

# The statement that stores posts, by the name under which nodes prepare it.
POST_STATEMENT = b"\x00commit_batch\x00"
NO_TLS = b"N"
BIND, EXECUTE, QUERY, SYNC, READY = b"B", b"E", b"Q", b"S", b"Z"


class PostgresWire(Wire):
    """Counts statements, and measures how long each takes."""

    def __init__(self, edge: Edge, events: EventLog) -> None:
        super().__init__(edge, events)
        self._up = _Messages(has_startup=True)
        self._down = _Messages(has_startup=False)
        self._asked_at = 0.0
        self._is_post = False

    def up(self, data: bytes) -> Iterator[bytes]:
        for kind, start in self._up.feed(data):
            if kind == BIND:
                self._is_post = POST_STATEMENT in start or start.startswith(POST_STATEMENT[1:])
            if kind in (EXECUTE, QUERY):
                self.edge.count()
                self._asked_at = self._asked_at or clock.now()
        yield data

    def down(self, data: bytes) -> Iterator[bytes]:
        # The answer to whether it speaks TLS is a letter, and no message.
        for kind, _ in self._down.feed(data) if data != NO_TLS else ():
            if kind == READY and self._asked_at:
                self.edge.answered(clock.now() - self._asked_at)
                self._asked_at = 0.0
                if self._is_post and self.edge.cuts_after_commit.take():
                    self.edge.dropped += 1
                    self.events.add(
                        "postgres",
                        "commit",
                        "committed; the answer is lost",
                        to=self.edge.source,
                        lost=True,
                    )
                    raise HangUpError
                self._is_post = False
        yield data

    def late_ms(self) -> float:
        """A packet that is lost is sent again by TCP: nothing is missing, it only comes late."""
        is_lost = self.edge.loses()
        self.edge.dropped += is_lost
        return RESENT_MS if is_lost else 0.0


class _Messages:
    """The kinds of the messages in one direction, each with how it begins."""

    SHOWN = 64

    def __init__(self, *, has_startup: bool) -> None:
        # Messages without a kind come before the first query, and answers to them.
        self._in_startup = has_startup
        self._rest = b""
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        data, self._rest = self._rest + data, b""
        at = 0
        while at < len(data):
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            kindless = self._in_startup and data[at] == 0
            size_at = at if kindless else at + 1
            if len(data) < size_at + 4:
                self._rest = data[at:]
                return
            size = int.from_bytes(data[size_at : size_at + 4])
            end = size_at + size
            if not kindless:
                self._in_startup = False
                yield data[at : at + 1], data[size_at + 4 : min(end, size_at + 4 + self.SHOWN)]
            self._skip = end - at
