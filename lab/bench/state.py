"""The bench as it is shown: one struct, twice a second."""

from msgspec import Struct

from .edges import EdgeState
from .load import LoadState
from .meter import MeterState
from .switches import SwitchState


class NodeState(Struct, kw_only=True):
    """A node. `head`: where it thinks the room ends; `behind`: how many numbers it lacks."""

    name: str
    state: str
    head: int = 0
    behind: int = 0
    degraded: bool = False
    sockets: int = 0
    # Bytes that wait in it for sockets that do not take them.
    unsent_bytes: int = 0
    # How long it took to answer a question: how busy its loop is.
    lag_ms: float = 0.0
    # Of one core, since the last look.
    cpu: float = 0.0
    # False: it said nothing, and the figures are nothing.
    answers: bool = False


class RedisState(Struct, kw_only=True):
    state: str


class PostgresState(Struct, kw_only=True):
    """`commits`: of messages, in a second; `fsync`: whether a commit waits for the disk."""

    state: str
    head: int
    commits: float
    fsync: bool
    lock_ms: float


class TabState(Struct, kw_only=True):
    """Who reads, on a page or as a client, and how far."""

    lane: str
    room: str
    read: int


class BenchState(Struct, kw_only=True):
    """Everything. `at`: seconds since 1970 on the bench's clock."""

    at: float
    room: str
    nodes: list[NodeState]
    edges: list[EdgeState]
    redis: RedisState
    postgres: PostgresState
    switches: list[SwitchState]
    meter: MeterState
    tabs: list[TabState]
    load: LoadState
