"""What a load test counted: plain numbers that can be added up across processes."""

import math
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

# A histogram's buckets: exact below 128 µs, then 64 for each doubling (1.6 % wide) to 18 minutes.
_EXACT = 128
_PER_DOUBLING = 64
_LARGEST = 2**30 - 1
_SMALLEST_SHIFTED = _EXACT.bit_length() - 1


def _bucket_of(value: int) -> int:
    if value < _EXACT:
        return value
    shift = value.bit_length() - _SMALLEST_SHIFTED
    return _PER_DOUBLING * shift + (value >> shift)


def _start_of(bucket: int) -> int:
    """The smallest value of this bucket."""
    if bucket < _EXACT:
        return bucket
    shift = bucket // _PER_DOUBLING - 1
    return (_PER_DOUBLING + bucket % _PER_DOUBLING) << shift


class Histogram:
    """Durations in microseconds, in a fixed number of buckets however many there are."""

    __slots__ = ("buckets", "count", "largest")

    def __init__(self) -> None:
        self.buckets = [0] * (_bucket_of(_LARGEST) + 1)
        self.count = 0
        self.largest = 0

    def record(self, value: int, times: int = 1) -> None:
        value = max(value, 0)
        self.buckets[_bucket_of(min(value, _LARGEST))] += times
        self.count += times
        self.largest = max(self.largest, value)

    def merge(self, other: "Histogram") -> None:
        self.buckets = [a + b for a, b in zip(self.buckets, other.buckets, strict=True)]
        self.count += other.count
        self.largest = max(self.largest, other.largest)

    def percentile(self, percent: float) -> int:
        """So many percent of the values are at most this; never too small, at most 1.6 % too large.

        0 if nothing was recorded.
        """
        rank = max(1, math.ceil(self.count * percent / 100))
        for bucket, count in enumerate(self.buckets):
            rank -= count
            if rank <= 0:
                return min(_start_of(bucket + 1) - 1, self.largest)
        return self.largest

    def bars(self, most: int = 16) -> list[tuple[int, int, int]]:
        """(from, to, how many) for a chart: each bar as many times wider than the one before."""
        filled = [bucket for bucket, count in enumerate(self.buckets) if count]
        if not filled:
            return []
        first = max(1, _start_of(filled[0]))
        last = _start_of(filled[-1] + 1)
        widening = max((last / first) ** (1 / most), 1 + 1 / _PER_DOUBLING)
        bars: list[tuple[int, int, int]] = []
        bucket, edge = filled[0], float(first)
        while bucket <= filled[-1]:
            edge *= widening
            begun = bucket
            while bucket <= filled[-1] and _start_of(bucket) < edge:
                bucket += 1
            if bucket > begun:
                held = sum(self.buckets[begun:bucket])
                bars.append((_start_of(begun), _start_of(bucket), held))
        return bars

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Histogram)
            and self.buckets == other.buckets
            and self.largest == other.largest
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass
class Figures:
    """The count of one process, or of all of them after `merge`."""

    # Sockets: those that entered the room, and by reason those that did not or were cut off later.
    opened: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    connect: Histogram = field(default_factory=Histogram)

    # Messages, each with a number of its own in the whole run.
    sent: int = 0
    unsent: int = 0
    accepted: set[int] = field(default_factory=set)
    rejected: Counter[str] = field(default_factory=Counter)
    answered_twice: int = 0
    answer: Histogram = field(default_factory=Histogram)

    # Deliveries: on how many sockets each message was heard, and the log's numbers as they came.
    heard: Counter[int] = field(default_factory=Counter)
    delivery: Histogram = field(default_factory=Histogram)
    by_second: Counter[int] = field(default_factory=Counter)
    gaps: int = 0
    missed: int = 0
    doubles: int = 0
    disordered: int = 0
    resets: int = 0
    frames: int = 0
    bytes: int = 0

    # The generator itself.
    loop_lag: Histogram = field(default_factory=Histogram)
    sent_late: Histogram = field(default_factory=Histogram)
    busiest: float = 0.0  # processor time over time, of the busiest process
    seconds: float = 0.0  # from the first message's time to the last thing heard

    def merge(self, other: "Figures") -> None:
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            setattr(self, each.name, _merged(each.name, mine, theirs))

    @property
    def answered(self) -> int:
        return len(self.accepted) + self.rejected.total()

    @property
    def unanswered(self) -> int:
        return self.sent - self.answered

    @property
    def expected(self) -> int:
        """Every accepted message on every socket that entered the room."""
        return len(self.accepted) * self.opened

    @property
    def received(self) -> int:
        """Deliveries of accepted messages; a second one on the same socket is none."""
        return sum(self.heard[number] for number in self.accepted)

    @property
    def completeness(self) -> float:
        """Percent; nothing expected is nothing missing."""
        return 100 * self.received / self.expected if self.expected else 100.0

    @property
    def faults(self) -> list[str]:
        """What must not happen, as sentences; empty after a clean run."""
        found = {
            "{} sockets did not enter the room": self.failed.total(),
            "{} sockets were closed before the end": self.closed.total(),
            "{} messages could not be sent, since their socket was closed": self.unsent,
            "{} messages were never answered": self.unanswered,
            "{} answers came twice": self.answered_twice,
            "{} deliveries were lost": self.expected - self.received,
            "{} times numbers of the log were left out": self.gaps,
            "{} times numbers of the log came again": self.doubles,
            "{} times numbers of the log were out of order": self.disordered,
            "{} times a socket had to start anew": self.resets,
        }
        faults = [sentence.format(f"{count:,}") for sentence, count in found.items() if count > 0]
        if self.opened and not self.accepted:
            faults.append("no message was accepted")
        return faults


def _merged(name: str, mine: Any, theirs: Any) -> Any:
    if isinstance(mine, Histogram):
        mine.merge(theirs)
        return mine
    if isinstance(mine, set):
        return mine | theirs
    if name in ("busiest", "seconds"):
        return max(mine, theirs)
    return mine + theirs
