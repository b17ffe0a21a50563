"""The result of a drill, in words and numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..checker.check import Finding
from ..faults.fault import Promise

# Percent of all deliveries that must have come by recovery; else the faults were too weak.
BACKFILL_MIN = 5.0
DRAINING = 4000


@dataclass(frozen=True)
class Times:
    """Durations in seconds; `str()` gives p50, p99 and the longest."""

    seconds: Sequence[float] = ()

    def at(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def worst(self) -> float:
        return max(self.seconds, default=0.0)

    def __str__(self) -> str:
        if not self.seconds:
            return "–"
        return " / ".join(f"{1000 * self.at(share):,.0f}" for share in (0.5, 0.99, 1)) + " ms"


@dataclass(frozen=True)
class DrillVerdict:
    """The findings, and the figures that go with them. Durations: p50 / p99 / max."""

    fault: str
    promise: Promise
    injections: int
    clients: int
    acknowledged: int
    deliveries: int
    findings: list[Finding]
    # Acknowledged, and lost with the end of a log by a restore.
    lost_with_the_tail: int
    noticed: Times
    unnoticed: int
    # From the injection, and from healing, until the last late message had arrived.
    recovered: Times
    recovered_after_mending: Times
    # From losing the socket until back in all rooms.
    away: Times
    # From healing until all connected clients had everything; and how often that never came.
    converged: Times
    unconverged: int
    # Since the commit; then to connected clients only: always, and while the fault lasted.
    delivery: Times
    delivered: Times
    delivered_meanwhile: Times
    answer: Times
    # Deliveries in answer to `since`, and after a node had read what a hint did not bring.
    resumed: int
    read: int
    closes: Counter[int]
    quiet_after: float | None
    # Still in an outbox ten seconds after the last fault was mended.
    unsent: int

    @property
    def ok(self) -> bool:
        return self.sound and not self.late

    @property
    def sound(self) -> bool:
        """No rule is broken, and something was sent."""
        return not (self.findings or self.unsent or self.unconverged) and self.acknowledged > 0

    @property
    def late(self) -> list[str]:
        """The figures beyond their limit, as sentences."""
        promise, broken = self.promise, []
        if self.converged.worst > promise.converged:
            broken.append(f"converged {_seconds(self.converged.worst, promise.converged)}")
        if self.quiet_after is None or self.quiet_after > promise.converged:
            broken.append("in the end not every client reached the head in time")
        if promise.delivered and self.delivered.worst > promise.delivered:
            broken.append(f"delivered {_seconds(self.delivered.worst, promise.delivered)}")
        p99 = self.delivered_meanwhile.at(0.99)
        if promise.delivered_p99 and p99 > promise.delivered_p99:
            broken.append(f"p99 of deliveries meanwhile {_seconds(p99, promise.delivered_p99)}")
        away = self.away.at(0.95)
        if promise.away_p95 and away > promise.away_p95:
            broken.append(f"p95 of clients that were cut off {_seconds(away, promise.away_p95)}")
        if self.farewells < promise.farewells:
            broken.append(
                f"only {self.farewells:.1%} of the closed sockets got the drain's close code"
            )
        return broken

    @property
    def farewells(self) -> float:
        return self.closes[DRAINING] / (self.closes.total() or 1)

    @property
    def backfill(self) -> float:
        """Percent of the deliveries that came by recovery."""
        return 100 * (self.resumed + self.read) / self.deliveries

    def count(self, *rules: str) -> int:
        return sum(finding.count for finding in self.findings if finding.rule in rules)

    def __str__(self) -> str:
        quiet = "never" if self.quiet_after is None else f"{1000 * self.quiet_after:,.0f} ms"
        tail = f", {self.lost_with_the_tail} lost with the copy" if self.lost_with_the_tail else ""
        never = f" ({self.unconverged} times never)" if self.unconverged else ""
        closes = ", ".join(f"{count} × {code}" for code, count in self.closes.most_common())
        word = "sound" if self.ok else "LATE" if self.sound else "BROKEN"
        lines = [
            f"{self.fault}: {word} — {self.injections} injections, "
            f"{self.clients} clients, {self.acknowledged} messages acknowledged, "
            f"{self.deliveries} deliveries",
            f"  lost {self.count('lost')}, doubled {self.count('duplicate', 'unknowns')}, "
            f"reordered {self.count('inversion', 'real time')}{tail}",
            f"  noticed after {self.noticed}"
            + (f" ({self.unnoticed} times by nobody)" if self.unnoticed else ""),
            f"  recovered after {self.recovered}; from healing {self.recovered_after_mending}",
            *(
                [f"  clients that were cut off were back after {self.away}"]
                if self.away.seconds
                else []
            ),
            f"  connected clients had everything {self.converged} after healing{never}",
            f"  delivered {self.delivery} after the commit; acknowledged after {self.answer}",
            f"  to connected clients {self.delivered}; meanwhile {self.delivered_meanwhile}",
            f"  through catching up {self.resumed / self.deliveries:.1%}, "
            f"through a node's reading {self.read / self.deliveries:.1%}",
            *([f"  sockets closed: {closes}"] if closes else []),
            f"  after the last message, all were at the head in {quiet}",
            *([f"  never sent: {self.unsent}"] if self.unsent else []),
            *(f"  late: {sentence}" for sentence in self.late),
            *(f"  {finding}".replace("\n", "\n  ") for finding in self.findings),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Total:
    """The sum of all drills of a run."""

    verdicts: list[DrillVerdict]

    @property
    def backfill(self) -> float:
        deliveries = sum(verdict.deliveries for verdict in self.verdicts)
        return sum(verdict.resumed + verdict.read for verdict in self.verdicts) / deliveries * 100

    def __str__(self) -> str:
        """A table (in Markdown), and a sentence. Milliseconds: p50 (worst), or p50 / p99 / max."""
        columns = (
            "fault | injections | messages | deliveries | broken | noticed | recovered "
            "| converged | delivered | caught up | read"
        )
        broken = sum(finding.count for v in self.verdicts for finding in v.findings)
        late = sum(len(verdict.late) for verdict in self.verdicts)
        return "\n".join(
            [
                f"| {columns} |",
                "|---|---:|---:|---:|---:|---|---|---|---|---:|---:|",
                *(_row(verdict) for verdict in self.verdicts),
                "",
                f"{sum(v.injections for v in self.verdicts):,} injections, "
                f"{sum(v.acknowledged for v in self.verdicts):,} messages acknowledged, "
                f"{sum(v.deliveries for v in self.verdicts):,} deliveries; "
                f"rules broken {broken} times, figures missed {late} times; "
                f"{self.backfill:.1f} % of the deliveries came by recovery.",
            ]
        )


def _row(v: DrillVerdict) -> str:
    delivered = str(v.delivered).removesuffix(" ms")
    times = [f"{1000 * t.at(0.5):,.0f} ({1000 * t.worst:,.0f})" if t.seconds else "–"
             for t in (v.noticed, v.recovered, v.converged)]  # fmt: skip
    shares = [f"{100 * count / v.deliveries:.1f} %" for count in (v.resumed, v.read)]
    broken = sum(finding.count for finding in v.findings)
    cells = [v.fault, v.injections, f"{v.acknowledged:,}", f"{v.deliveries:,}", broken]
    return f"| {' | '.join(map(str, [*cells, *times, delivered, *shares]))} |"


def _seconds(took: float, promised: float) -> str:
    return f"took {took:.2f} s, promised are {promised:g}"
