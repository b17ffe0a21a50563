"""The wire between a node and Redis: what is published, and what subscribers are told."""

from collections.abc import Iterator
from typing import Any

import msgspec

from ..kit.redis_proxy import ROOM_GROUP, commands, next_answer
from . import clock
from .edges import Edge
from .events import EventLog
from .load import PREFIX
from .proxy import Wire

TOLD_MAX = 5


class RedisWire(Wire):
    """Tells of each hint about a room when it is published, and when a node is told of it."""

    def __init__(self, edge: Edge, events: EventLog) -> None:
        super().__init__(edge, events)
        self._up = b""
        self._down = b""
        self._asked_at = 0.0

    def up(self, data: bytes) -> Iterator[bytes]:
        self._up += data
        taken = 0
        for start, end, parts in commands(self._up):
            taken = end
            self._asked_at = self._asked_at or clock.now()
            if self._may_be_published(parts):
                yield self._up[start:end]
        self._up = self._up[taken:]

    def _may_be_published(self, parts: list[bytes]) -> bool:
        self.edge.count()
        if parts[0].upper() != b"PUBLISH" or ROOM_GROUP not in parts[1]:
            return True
        is_lost = self.edge.drops_next_hint.take()
        self._tell("publish", parts[2], self.edge.source, "redis", is_lost)
        if is_lost:
            self._asked_at = 0.0
            # As Redis says that nobody has heard it.
            self.inject(b":0\r\n")
        return not is_lost

    def down(self, data: bytes) -> Iterator[bytes]:
        if self._asked_at:
            self.edge.answered(clock.now() - self._asked_at)
            self._asked_at = 0.0
        self._down += data
        while found := next_answer(self._down):
            end, is_hint = found
            answer, self._down = self._down[:end], self._down[end:]
            if not is_hint or self._may_be_told(answer):
                yield answer

    def _may_be_told(self, answer: bytes) -> bool:
        self.edge.count()
        is_lost = self.edge.loses()
        [(_, _, parts)] = commands(answer)
        self._tell("hint", parts[2], "redis", self.edge.source, is_lost)
        return not is_lost

    def _tell(self, kind: str, envelope: bytes, lane: str, to: str, is_lost: bool) -> None:
        self.edge.dropped += is_lost
        now = clock.now()
        for room, seq, message in _told_in(envelope):
            if message.startswith(PREFIX):
                continue
            self.events.add(
                lane,
                kind,
                f"{room} {seq}" + (", lost on the way" if is_lost else ""),
                at=now,
                message=message,
                room=room,
                seq=seq,
                to=to,
                arrived=0.0 if is_lost else now + self.edge.delay_ms / 1000,
                lost=is_lost,
            )


def _told_in(envelope: bytes) -> Iterator[tuple[str, int, str]]:
    """Room, number and client_id of the messages that a hint tells of (chat/bus/bus_messages.py).

    A hint that only says how far a log reaches names no room's key, and is passed over.
    """
    try:
        letter: list[Any] = msgspec.msgpack.decode(msgspec.msgpack.decode(envelope)["hint"])
        hint = letter[3]
        if hint[0] == "batch":
            for _, seq, encoded in hint[8][:TOLD_MAX]:
                yield hint[2], seq, msgspec.json.decode(encoded)["client_id"]
    except (msgspec.MsgspecError, LookupError, TypeError):
        return
