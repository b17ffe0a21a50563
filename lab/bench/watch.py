"""Looks at everything of the bench, and says what it is (state.py)."""

import asyncio
import time
from contextlib import suppress

from .bench_nodes import BenchNode
from .clock import now
from .faults import FaultDesk
from .load import Load
from .meter import Meter
from .stack import Stack
from .state import BenchState, NodeState, PostgresState, RedisState, TabState
from .switchboard import Switchboard
from .trace import Stages

# Over which time commits are counted.
RATE_SECONDS = 3.0


class Watch:
    """Reads nodes, database and tabs; remembers what it takes to say how fast they are."""

    def __init__(
        self,
        stack: Stack,
        fault_desk: FaultDesk,
        board: Switchboard,
        meter: Meter,
        load: Load,
        stages: Stages,
    ) -> None:
        self._stack = stack
        self._fault_desk = fault_desk
        self._board = board
        self._meter = meter
        self._load = load
        self._stages = stages
        # By node: when its processor time was read, and how much it was.
        self._processor: dict[str, tuple[float, float]] = {}
        self._commits: list[tuple[float, int]] = [(now(), 0)]

    async def state(self, room: str) -> BenchState:
        """As of now; of nodes and database what concerns this room, or the busiest without one."""
        meter = await self._meter.look()
        heads = {key: log.last for key, log in self._meter.logs.items()}
        head = heads.get(room, 0) if room else max(heads.values(), default=0)
        nodes = await asyncio.gather(*(self._node(node, room, head) for node in self._stack.nodes))
        return BenchState(
            at=now(),
            room=room,
            nodes=nodes,
            edges=[edge.state() for edge in self._stack.edges.values()],
            redis=RedisState(state=self._fault_desk.redis_state),
            postgres=PostgresState(
                state=self._fault_desk.postgres_state,
                head=head,
                commits=self._commits_a_second(),
                fsync=self._board.switches["fsync"].on,
                lock_ms=round(self._stages.lock_ms, 2),
            ),
            switches=[switch.state for switch in self._board.switches.values()],
            meter=meter,
            tabs=[
                TabState(lane=view.lane, room=view.room, read=view.last)
                for view in self._meter.views()
                if not room or view.room == room
            ],
            load=self._load.state,
        )

    async def _node(self, node: BenchNode, room: str, head: int) -> NodeState:
        asked = time.monotonic()
        told = await self._board.status(node, seconds=0.4) if node.state == "up" else None
        if told is None:
            return NodeState(name=node.name, state=node.state, cpu=self._cpu(node))
        heads = told["heads"]
        here = heads.get(room, 0) if room else max(heads.values(), default=0)
        return NodeState(
            name=node.name,
            state=node.state,
            head=here,
            behind=max(0, head - here) if room in heads else told["lag"],
            degraded=told["degraded"],
            sockets=told["connections"],
            unsent_bytes=told["unsent_bytes"],
            lag_ms=round(1000 * (time.monotonic() - asked), 2),
            cpu=self._cpu(node),
            answers=True,
        )

    def _cpu(self, node: BenchNode) -> float:
        used = 0.0
        # It may have just ended.
        with suppress(OSError, RuntimeError):
            used = node.node.processor_seconds()
        at, before = self._processor.get(node.name, (0.0, 0.0))
        self._processor[node.name] = (now(), used)
        return round(max(0.0, used - before) / (now() - at), 3) if at else 0.0

    def _commits_a_second(self) -> float:
        self._commits.append((now(), self._stages.commits))
        while len(self._commits) > 2 and self._commits[1][0] < now() - RATE_SECONDS:
            self._commits.pop(0)
        began, before = self._commits[0]
        return round((self._stages.commits - before) / max(0.1, now() - began), 2)
