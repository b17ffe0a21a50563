"""The wire contract as its clients know it (docs/reference/protocol.md).

It shares no code with the server.
"""

from typing import Any, Protocol

import msgspec
from msgspec import Raw, Struct


class Address(Protocol):
    """Where to connect to: a node, or what a load test was told."""

    @property
    def url(self) -> str: ...

    @property
    def origin(self) -> str: ...


class Position(Struct, frozen=True):
    """Where a reader stands in a room's log: which log, a number, and the id of what is there."""

    epoch: str
    seq: int
    id: str | None


class Author(Struct, frozen=True):
    id: int


class Event(Struct):
    """Any event; of its fields those that clients of the lab look at. The others are skipped."""

    type: str
    ref: str | None = None
    room: str = ""
    epoch: str = ""
    first: int = msgspec.field(name="from", default=0)
    to: int = 0
    to_id: str | None = None
    # Undecoded: most clients only count.
    messages: Raw = Raw(b"[]")
    more: bool = False
    reset: str = ""
    seq: int = 0
    id: str = ""
    updated_seq: int = 0
    code: str | int = ""
    detail: str = ""
    reason: str = ""
    retry_ms: int | None = None
    me: Author | None = None

    @property
    def position(self) -> Position:
        """Where a reader stands after `room.changes` or `room.entered`."""
        return Position(self.epoch, self.to, self.to_id)


# The events that move a reader on in the log.
LOG_EVENTS = {"room.changes", "room.entered"}

_encoder = msgspec.json.Encoder()
decode = msgspec.json.Decoder(Event).decode


def encode(type_: str, **fields: Any) -> bytes:
    """A command."""
    return _encoder.encode({"type": type_, **fields})
