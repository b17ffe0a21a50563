"""Metrics: counters and histograms, read by /metrics (chat/realtime/metrics_collector.py).

On the event loop they are plain integers, because an addition is cheap. Threads use the metrics of
prometheus_client with its locks, once for each batch or read.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import prometheus_client
from prometheus_client import CollectorRegistry, Histogram

REGISTRY = CollectorRegistry()
prometheus_client.disable_created_metrics()


@dataclass(slots=True)
class Counters:
    """Counters of the event loop, since the process began."""

    # Handshakes by outcome, one of HANDSHAKES.
    handshakes: Counter[str] = field(default_factory=Counter)
    # Closed sockets, by close code; and those that got a `bye`, by our code.
    closes: Counter[int] = field(default_factory=Counter)
    byes: Counter[int] = field(default_factory=Counter)
    slow_cutoffs: int = 0
    # Refused commands, by the code of the error.
    rejections: Counter[str] = field(default_factory=Counter)
    # Messages times the sockets that got them.
    deliveries: int = 0
    # Rooms entered with a position; and of these, by clients who were in the room already.
    resumes: int = 0
    client_gaps: int = 0
    # Gaps that were read from the database: found by polling heads, or by a hint whose predecessors
    # were missing. And sockets that were further behind than the replay buffer reaches.
    head_poll_repairs: int = 0
    hint_repairs: int = 0
    replay_buffer_misses: int = 0
    # HTTP responses by the first digit of their status.
    answers: Counter[int] = field(default_factory=Counter)
    # Log records by level.
    records: Counter[str] = field(default_factory=Counter)


counters = Counters()


class LogCounter(logging.Handler):
    """Counts log records by level, under the handler's own lock."""

    def emit(self, record: logging.LogRecord) -> None:
        counters.records[record.levelname.lower()] += 1


HANDSHAKES = (
    "admitted",
    "foreign_origin",
    "rate_limited",
    "signed_out",
    "banned",
    "too_many_sockets",
)

# --- Counted in threads -----------------------------------------------------------------------

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)

COMMITTED = prometheus_client.Counter(
    "chatroom_committed", "Numbers given in the logs: messages and changes.", registry=REGISTRY
)
REPEATS = prometheus_client.Counter(
    "chatroom_repeats",
    "Repeated posts, which got the answer of the first one.",
    registry=REGISTRY,
)
RESETS = prometheus_client.Counter(
    "chatroom_resets", "Readers that had to start anew, by reason.", ["reason"], registry=REGISTRY
)
DATABASE_FAILURES = prometheus_client.Counter(
    "chatroom_database_failures",
    "Commits and reads to which the database gave no answer.",
    registry=REGISTRY,
)
RENDER_FAILURES = prometheus_client.Counter(
    "chatroom_render_failures",
    "Texts shown as they were typed because rendering them failed.",
    registry=REGISTRY,
)
BATCH_OPERATIONS = Histogram(
    "chatroom_batch_intents",
    "Posts and changes committed together.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
    registry=REGISTRY,
)
ANSWER_SECONDS = Histogram(
    "chatroom_answer_seconds",
    "From the arrival of the oldest post or change of a batch to its answer.",
    buckets=_FAST,
    registry=REGISTRY,
)
LOCK_SECONDS = Histogram(
    "chatroom_lock_seconds",
    "Waiting for the lock of a room's head, if it was obtained.",
    buckets=_FAST,
    registry=REGISTRY,
)
THREAD_WAIT_SECONDS = Histogram(
    "chatroom_thread_wait_seconds",
    "Database work waiting for a thread.",
    ["pool"],
    buckets=_FAST,
    registry=REGISTRY,
)
DATABASE_SECONDS = Histogram(
    "chatroom_database_seconds",
    "Database work, by the service that did it.",
    ["service"],
    buckets=_FAST,
    registry=REGISTRY,
)
LOOP_LAG_SECONDS = Histogram(
    "chatroom_loop_lag_seconds",
    "How late the event loop was, measured once a second.",
    buckets=_FAST,
    registry=REGISTRY,
)
OUTBOX_AGE_SECONDS = Histogram(
    "chatroom_outbox_age_seconds",
    "How long messages that did not go out at once had waited in the browser, as it says.",
    buckets=(1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
    registry=REGISTRY,
)

for _reason in ("epoch", "ahead", "too_far", "mismatch"):
    RESETS.labels(_reason)


@contextmanager
def timed(histogram: Histogram) -> Iterator[None]:
    """Observe how long the block takes, in seconds."""
    began = perf_counter()
    try:
        yield
    finally:
        histogram.observe(perf_counter() - began)
