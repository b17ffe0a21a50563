"""What the page shows of the bench, twice a second."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..bench import clock
from ..bench.edges import EdgeState
from ..bench.switches import SwitchState

if TYPE_CHECKING:
    from ..bench.bench import Bench


class NodeState(Struct, kw_only=True):
    name: str
    state: str
    # How far this node has the log of the room in the frames; 0 while it says nothing.
    head: int = 0
    behind: int = 0
    lag_ms: float = 0.0
    degraded: bool = False
    sockets: int = 0
    # Share of one processor.
    cpu: float = 0.0


class PageState(Struct, kw_only=True):
    at: float
    room: str
    nodes: list[NodeState]
    edges: list[EdgeState]
    switches: list[SwitchState]


class StateReader:
    """Asks the bench; rates are those since the last time."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self._used: dict[str, tuple[float, float]] = {}

    async def read(self, room: str) -> PageState:
        bench = self._bench
        told = await asyncio.gather(*(bench.status(number) for number in (1, 2)))
        nodes = [
            self._node(at, status or {}, room) for at, status in enumerate(told) if at is not None
        ]
        head = max(node.head for node in nodes)
        for node in nodes:
            node.behind = head - node.head if node.head else 0
        return PageState(
            at=clock.now(),
            room=room,
            nodes=nodes,
            edges=[edge.state() for edge in bench.edges.values()],
            switches=[switch.state for switch in bench.switches.values()],
        )

    def _node(self, at: int, status: dict[str, Any], room: str) -> NodeState:
        node = self._bench.nodes[at]
        return NodeState(
            name=node.name,
            state=node.state,
            head=status.get("heads", {}).get(room, 0),
            lag_ms=1000 * status.get("lag", 0.0),
            degraded=status.get("degraded", False),
            sockets=status.get("connections", 0),
            cpu=self._share_of_processor(node.name, at) if status else 0.0,
        )

    def _share_of_processor(self, name: str, at: int) -> float:
        try:
            used = self._bench.nodes[at].node.processor_seconds()
        except (OSError, ValueError):
            return 0.0
        moment = time.monotonic()
        before, then = self._used.get(name, (used, moment))
        self._used[name] = used, moment
        return max(0.0, (used - before) / (moment - then)) if moment > then else 0.0
