"""The whole route of one message, hop by hop, across processes."""

from collections import OrderedDict, deque
from typing import Any

from msgspec import Struct

from . import clock
from .events import BenchEvent, EventLog
from .load import PREFIX

# So many messages are remembered.
KEPT = 2000
# What a page may take from Enter to the frame, on a busy machine.
KEYSTROKE_SECONDS = 1.0


class Hop(Struct, kw_only=True):
    """A part of the route. Milliseconds since its beginning; `lane` is where it happened."""

    label: str
    lane: str
    begin_ms: float
    end_ms: float
    note: str = ""


class Trace(Struct, kw_only=True):
    """What is known of a message. `clocks` says how far the times can be trusted."""

    room: str
    seq: int
    author: str = ""
    text: str = ""
    hops: list[Hop] = []
    clocks: str = ""


class Stages:
    """What nodes tell (inside/recorder.py), by message and by number, and how commits went."""

    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._by_message: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._by_number: OrderedDict[tuple[str, int], list[dict[str, Any]]] = OrderedDict()
        # When Enter was pressed, on any page: there is one reader.
        self._keystrokes: deque[float] = deque(maxlen=100)
        # Of the last commit: how long it waited for the room's lock.
        self.lock_ms = 0.0
        self.commits = 0

    def take(self, node: str, told: dict[str, Any]) -> None:
        """A node tells that a stage is over."""
        told["node"] = node
        if told["message"]:
            _keep(self._by_message, told["message"], told)
        if told["seq"]:
            _keep(self._by_number, (told["room"], told["seq"]), told)
        if told["stage"] == "committed":
            self.commits += 1
            self.lock_ms = told["lock_ms"]
            self._tell_commit(node, told)

    def page(self, lane: str, frame: dict[str, Any], new: list[int]) -> None:
        """A real page shows new messages, or someone pressed Enter in it."""
        if frame["kind"] == "keystroke":
            self._keystrokes.append(frame["at"])
        for seq in new:
            message = self._message_at(frame["room"], seq)
            told = {"stage": "shown", "at": frame["at"], "node": lane}
            _keep(self._by_number, (frame["room"], seq), told)
            self._events.add(
                lane, "shown", f"{frame['room']} {seq} is on the screen",
                at=frame["at"], message=message, room=frame["room"], seq=seq,
            )  # fmt: skip

    def keystroke_before(self, at: float) -> float | None:
        """When Enter was pressed for what was sent then."""
        before = [one for one in self._keystrokes if 0 <= at - one <= KEYSTROKE_SECONDS]
        return max(before, default=None)

    def of(self, room: str, seq: int, message: str) -> dict[str, list[dict[str, Any]]]:
        """What was told of this message, by stage."""
        found: dict[str, list[dict[str, Any]]] = {}
        told = [*self._by_message.get(message, []), *self._by_number.get((room, seq), [])]
        for one in {id(one): one for one in told}.values():
            found.setdefault(one["stage"], []).append(one)
        return found

    def _message_at(self, room: str, seq: int) -> str:
        """The client_id of the message under this number, if a node told of it."""
        told = self._by_number.get((room, seq), ())
        return next((one["message"] for one in told if one.get("message")), "")

    def _tell_commit(self, node: str, told: dict[str, Any]) -> None:
        if told["message"].startswith(PREFIX):
            return
        took = 1000 * (told["at"] - told["began"])
        refused = told["refused"]
        text = f"refused: {refused}" if refused else f"committed in {took:.1f} ms"
        self._events.add(
            node, "commit", f"{told['room']} {told['seq'] or ''} {text}".replace("  ", " "),
            at=told["began"], message=told["message"], room=told["room"], seq=told["seq"],
            to="postgres", arrived=told["at"], lost=bool(refused),
        )  # fmt: skip


def _keep(kept: OrderedDict[Any, list[dict[str, Any]]], key: Any, told: dict[str, Any]) -> None:
    kept.setdefault(key, []).append(told)
    while len(kept) > KEPT:
        kept.popitem(last=False)


def trace_of(
    events: list[BenchEvent],
    stages: dict[str, list[dict[str, Any]]],
    fsync: tuple[float, int],
    keystroke: float | None,
) -> list[Hop]:
    """The hops in order. `events`: those of this message; `fsync`: PostgreSQL's mean and count."""
    route = _Route(events, stages, keystroke)
    sent, checked, committed = route.event("send"), route.stage("checked"), route.stage("committed")
    if keystroke and sent:
        route.add("Keystroke to frame", sent.lane, keystroke, sent.at, "by the browser’s clock")
    if sent and checked:
        route.add("Frame, read and checked", checked["node"], sent.at, checked["at"],
                "from the proxy before the node to the room's queue")  # fmt: skip
    if committed:
        _add_commit(route, committed, fsync)
        if replied := route.stage("replied"):
            route.add("Answer written", committed["node"], committed["at"], replied["at"])
        if (reply := route.event("reply")) and sent:
            route.add("Answer at the author", sent.lane, committed["at"], reply.at)
    _add_network(route)
    return route.hops


class _Route:
    """The hops, while they are gathered."""

    def __init__(
        self,
        events: list[BenchEvent],
        stages: dict[str, list[dict[str, Any]]],
        keystroke: float | None,
    ) -> None:
        self.events = events
        self.stages = stages
        self.hops: list[Hop] = []
        times = [event.at for event in events]
        times += [told.get("began", told["at"]) for some in stages.values() for told in some]
        self._begin = min([*times, *([keystroke] if keystroke else [])], default=0.0)

    def event(self, kind: str) -> BenchEvent | None:
        return next((event for event in self.events if event.kind == kind), None)

    def stage(self, name: str) -> dict[str, Any] | None:
        return next(iter(self.stages.get(name, ())), None)

    def add(self, label: str, lane: str, begin: float, end: float, note: str = "") -> None:
        begin_ms, end_ms = (round(1000 * (at - self._begin), 3) for at in (begin, end))
        self.hops.append(
            Hop(label=label, lane=lane, begin_ms=begin_ms, end_ms=max(begin_ms, end_ms), note=note)
        )


def _add_commit(route: _Route, committed: dict[str, Any], fsync: tuple[float, int]) -> None:
    node, began, at = committed["node"], committed["began"], committed["at"]
    together = committed["together"]
    others = f"together with {together - 1} others" if together > 1 else "alone"
    route.add("Commit", node, began, at, others)
    statement_ms, lock_ms = committed["statement_ms"], committed["lock_ms"]
    if statement_ms:
        end = began + statement_ms / 1000
        route.add("Waiting for the room’s lock", "postgres", began, began + lock_ms / 1000)
        route.add("Statement, until it is durable", "postgres", began + lock_ms / 1000, end)
        mean_ms, count = fsync
        if count:
            note = f"PostgreSQL’s mean of {count}; it does not say it of one commit"
            route.add("of it, writing to the disk", "postgres", end - mean_ms / 1000, end, note)


def _add_network(route: _Route) -> None:
    published, told = route.stage("published"), route.event("publish")
    if published and told:
        note = "lost on its way" if told.lost else ""
        route.add("Published", told.lane, published["at"], told.at, note)
    for hint in [event for event in route.events if event.kind == "hint"]:
        if told and hint.to != told.lane:
            route.add("Through Redis", "redis", told.at, hint.at, "lost" if hint.lost else "")
    for applied in route.stages.get("applied", ()):
        node = applied["node"]
        hint_to = next((e for e in route.events if e.kind == "hint" and e.to == node), None)
        if hint_to and not hint_to.lost and told and told.lane != node:
            route.add("Taken into the room", node, hint_to.at, applied["at"])
        elif told and told.lane != node:
            route.add("Read from the database", node, applied["at"], applied["at"],
                    "no hint had brought it")  # fmt: skip
        for event in route.events:
            if event.kind == "delivered" and event.lane == node:
                note = "lost on its way" if event.lost else ""
                route.add(f"To {event.to}", event.to, applied["at"], event.at, note)
    delivered = {event.to: event.at for event in route.events if event.kind == "delivered"}
    for shown in route.stages.get("shown", ()):
        lane = shown["node"]
        came = delivered.get(lane) or min(delivered.values(), default=shown["at"])
        route.add("On the screen", lane, came, shown["at"],
                "by the clock of the browser")  # fmt: skip


def clocks(loop_lag_ms: float) -> str:
    """How far the times of a trace can be trusted."""
    return (
        "Nodes, proxies and the bench read one clock, that of this machine (CLOCK_MONOTONIC), so"
        " their times need no comparing. The proxies note a message when the bench’s loop comes to"
        f" it: up to {max(0.1, loop_lag_ms):.1f} ms late in the last ten seconds. Pages tell the"
        f" time of their browser, which is off by {clock.error_ms():.1f} ms at most, and rounded to"
        " 0.1 ms."
    )
