"""What /metrics says of this node: read when it is asked, so that nobody else pays for it.

Called on the event loop, where everything it reads lives. It walks the connections once.
"""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from django.db import connection as database
from prometheus_client import GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from .. import errors, protocol
from ..metrics import HANDSHAKES, REGISTRY, counters
from . import node

# Clients close with any number they like; only these are told apart.
CLOSE_CODES = (
    1000,
    1001,
    1002,
    1005,
    1006,
    1007,
    1009,
    1011,
    protocol.CLOSE_DRAINING,
    protocol.CLOSE_SLOW,
    protocol.CLOSE_RESYNC,
    protocol.CLOSE_IDLE,
    protocol.CLOSE_RATE,
    protocol.CLOSE_PROTOCOL,
    protocol.CLOSE_SIGN_IN,
    protocol.CLOSE_BANNED,
    protocol.CLOSE_TOO_OLD,
)
OTHER = "other"
REJECTIONS = sorted({error.code for error in errors.ChatError.__subclasses__()})
LOG_LEVELS = ("warning", "error", "critical")


def register() -> None:
    """Have it said, with what there is to say of the process."""
    REGISTRY.register(NodeCollector())
    ProcessCollector(registry=REGISTRY)
    GCCollector(registry=REGISTRY)


class NodeCollector(Collector):
    """The node of this process, in Prometheus' terms."""

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of time: there may be no node yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        live = node.current()
        yield InfoMetricFamily(
            "chatroom",
            "Which node this is.",
            {"node": live.name, "protocol": str(protocol.VERSION), "database": database.vendor}
            | {"python": platform.python_version()},
        )
        yield from _state(live)
        yield from _sockets(live)
        yield from _log()
        yield from _bus(live)
        yield from _pool()


def _state(live: node.Node) -> Iterator[Metric]:
    yield _gauge(
        "ready", "Whether people may be sent here (/readyz).", not live.readiness.objection
    )
    yield _gauge(
        "database_writable",
        "Whether this node’s last write was taken; /readyz tells it, and stays as it is.",
        not live.readiness.unwritable,
    )
    yield _gauge("draining", "Whether it is stopping.", live.readiness.draining)
    yield _by_label(
        "http_answers",
        "Answers to HTTP requests, by the first digit of their status.",
        "status",
        {f"{digit}xx": counters.answers[digit] for digit in range(1, 6)},
    )
    yield _by_label(
        "log_records",
        "Lines in the log, by level.",
        "level",
        {level: counters.records[level] for level in LOG_LEVELS},
    )
    waiting = GaugeMetricFamily(
        "chatroom_threads_waiting", "Database work that waits for a thread.", labels=["pool"]
    )
    for pool, count in live.executors.waiting().items():
        waiting.add_metric([pool], count)
    yield waiting


def _sockets(live: node.Node) -> Iterator[Metric]:
    connections = live.registry.connections
    paused = sum(not connection.socket.writable for connection in connections)
    longest = max((len(connection.waiting) for connection in connections), default=0)
    yield _gauge("connections", "Open sockets.", len(connections))
    yield _gauge("members", "Members with a socket here.", live.registry.members)
    yield _gauge("rooms", "Rooms followed here.", len(live.hub.rooms))
    yield _gauge("paused_sockets", "Sockets that take nothing at the moment.", paused)
    yield _gauge("inbound_frames_max", "Frames that wait in the socket with the most.", longest)
    yield _count(
        "slow_cutoffs", "Sockets cut off because they took nothing.", counters.slow_cutoffs
    )
    yield _by_label(
        "handshakes",
        "Handshakes, by what came of them.",
        "outcome",
        {outcome: counters.handshakes[outcome] for outcome in HANDSHAKES},
    )
    yield _by_label("closes", "Ended sockets, by close code.", "code", _by_code(counters.closes))
    yield _by_label("byes", "Sockets we closed, by our code.", "code", _by_code(counters.byes))
    yield _by_label(
        "rejections",
        "Refused commands, by code.",
        "code",
        {code: counters.rejections[code] for code in REJECTIONS},
    )


def _log() -> Iterator[Metric]:
    yield _count("deliveries", "Messages and changes times sockets.", counters.deliveries)
    yield _count("resumes", "Rooms entered with a position.", counters.resumes)
    yield _count("client_gaps", "Gaps that clients found themselves.", counters.client_gaps)
    yield _count(
        "head_poll_repairs",
        "Rooms found behind by looking at the heads, and read: the bus lost a hint.",
        counters.head_poll_repairs,
    )
    yield _count(
        "hint_repairs",
        "Rooms read because a hint came without those before it.",
        counters.hint_repairs,
    )
    yield _count(
        "ring_misses",
        "Sockets further behind than the memory reaches.",
        counters.replay_buffer_misses,
    )


def _bus(live: node.Node) -> Iterator[Metric]:
    yield _gauge("degraded", "Whether the bus is deaf and the heads are polled.", live.hub.degraded)
    yield _gauge(
        "marker_seconds", "How long our last marker was on the bus.", live.hub.monitor.probe_seconds
    )
    yield _gauge(
        "bus_silence_seconds", "Since a marker of ours came back last.", live.hub.monitor.silence()
    )
    yield _gauge("head_lag", "Numbers known of and not here, in the worst room.", live.hub.lag())
    yield _gauge("intents_waiting", "Posts and changes behind a commit.", live.writer.waiting())
    yield _gauge("hints_waiting", "Hints waiting for the bus.", live.bus.waiting())
    yield _count("hints_dropped", "Hints that were not published.", live.bus.dropped)
    yield _count("hints_unreadable", "Hints under a key not ours.", live.bus.unreadable)


def _pool() -> Iterator[Metric]:
    """psycopg's pool; zeroes on SQLite, which has none."""
    pool = getattr(database, "pool", None)
    stats: Mapping[str, int] = pool.get_stats() if pool is not None else {}
    size, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
    yield _gauge("pool_connections", "Connections to PostgreSQL.", size)
    yield _gauge("pool_idle", "… that nobody uses.", idle)
    yield _gauge("pool_waiting", "Threads waiting for one.", stats.get("requests_waiting", 0))
    yield _count("pool_requests", "Connections asked for.", stats.get("requests_num", 0))
    yield _count(
        "pool_wait_seconds", "Time waited for them.", stats.get("requests_wait_ms", 0) / 1000
    )
    yield _count("pool_errors", "… asked for in vain.", stats.get("requests_errors", 0))


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"chatroom_{name}", meaning, value)


def _count(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"chatroom_{name}", meaning, value)


def _by_label(name: str, meaning: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"chatroom_{name}", meaning, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _by_code(counts: Counter[int]) -> dict[str, int]:
    known = {str(code): counts[code] for code in CLOSE_CODES}
    return known | {OTHER: counts.total() - sum(known.values())}
