"""The mechanisms that the bench can switch off in this node (lab/bench/switches.py says of each
what happens then).
"""

from collections.abc import Callable
from random import Random
from typing import Any

from chat.messages import catch_up
from chat.realtime import node
from chat.realtime.bus_monitor import BusMonitor
from chat.realtime.committer import Committer
from chat.realtime.gap_repair import GapRepair
from chat.realtime.head_poller import HeadPoller
from chat.realtime.room_stream import RoomStream
from chatroom.server import drain
from chatroom.server.websocket import DaphneSocket

from . import answered, keys, other_past, unlocked, unsaved
from .replacing import Mechanism, Replacement


def switch(name: str, on: bool, generation: int) -> None:
    """KeyError if there is no such mechanism in nodes."""
    if name == "room-lock" and not on:
        unlocked.generation = generation
    MECHANISMS[name].switch(on)


def _heads_as_held(heads: Callable[..., Any]) -> Callable[..., Any]:
    """Nobody is asked: every log ends where this node thinks it does."""

    async def as_held(self: HeadPoller, room_ids: list[int]) -> Any:
        rooms = node.current().hub.rooms
        held = [rooms[room_id] for room_id in room_ids if room_id in rooms]
        return {
            live.room.pk: (live.head, live.head_id, live.epoch, live.room.kind) for live in held
        }

    return as_held


class Steady(Random):
    """In place of the module `random`: everyone gets the same, the middle."""

    def random(self) -> float:
        return 0.5

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        first, end = (0, start) if stop is None else (start, stop)
        return range(first, end, step)[len(range(first, end, step)) // 2]


def _known_only(expect: Callable[..., Any]) -> Callable[..., Any]:
    """That the log goes on is noted, and nobody reads it."""

    def note(self: GapRepair, live: RoomStream, head: int) -> None:
        live.known_head = max(live.known_head, head)

    return note


MECHANISMS = {
    "idempotency-key": Mechanism(Replacement(Committer, "commit", keys.forgotten)),
    "answer-after-commit": Mechanism(Replacement(Committer, "commit", answered.at_once)),
    "room-lock": Mechanism(Replacement(Committer, "commit", unlocked.without_lock)),
    "refuse-unsaved": Mechanism(Replacement(Committer, "commit", unsaved.taken_anyway)),
    "head-poll": Mechanism(Replacement(HeadPoller, "heads", _heads_as_held)),
    "gap-repair": Mechanism(Replacement(GapRepair, "expect", _known_only)),
    "id-check": Mechanism(
        Replacement(catch_up, "_reason_to_reset", other_past.reason),
        Replacement(catch_up, "since", other_past.since),
        Replacement(catch_up, "gaps", other_past.gaps),
        Replacement(RoomStream, "conflicts_with", other_past.never),
        Replacement(GapRepair, "check_conflict", other_past.not_asked),
    ),
    "jitter": Mechanism(
        Replacement(drain, "random", lambda original: Steady()),
        # Everyone in one step.
        Replacement(drain, "DRAIN_PER_SECOND", lambda original: 1_000_000),
    ),
    "bounded-sockets": Mechanism(Replacement(DaphneSocket, "pause", lambda pause: _do_nothing)),
    "degraded-polling": Mechanism(Replacement(BusMonitor, "silence", lambda silence: _no_silence)),
}


def _do_nothing(self: DaphneSocket) -> None:
    """The socket counts as writable, whatever it has not taken yet."""


def _no_silence(self: BusMonitor) -> float:
    return 0.0
