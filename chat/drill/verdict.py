"""What a drill came to, in words and numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .checker import Finding, check
from .history import History
from .records import Send
from .site import Site

# A message that reaches someone later than this, or is acknowledged later, was held up.
LATE_SECONDS = 0.5
_READ = re.compile(r"Room (\S+): read \d+…(\d+) ")


@dataclass(frozen=True)
class Times:
    """Some durations in seconds; `str()` gives the middle, the worst of a hundred, the worst."""

    seconds: Sequence[float]

    def at(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        if not self.seconds:
            return "–"
        return " / ".join(f"{1000 * self.at(share):,.0f}" for share in (0.5, 0.99, 1)) + " ms"


@dataclass(frozen=True)
class Verdict:
    """The findings, and the figures that go with them. Durations: p50 / p99 / max."""

    fault: str
    injections: int
    clients: int
    acknowledged: int
    deliveries: int
    findings: list[Finding]
    # Acknowledged, and gone with the end of a log that a restore took back.
    lost_with_the_tail: int
    noticed: Times
    unnoticed: int
    # From the blow, and from its mending, until the last message that was held up had arrived.
    recovered: Times
    recovered_after_mending: Times
    delivery: Times
    answer: Times
    # Shares of what was delivered: in answer to `since`, and after a node read behind a hint.
    resumed: float
    read: float
    quiet_after: float | None
    # Still in an outbox ten seconds after the last fault was mended.
    unsent: int

    @property
    def ok(self) -> bool:
        # Where nothing was said, nothing was tried.
        return not self.findings and not self.unsent and self.acknowledged > 0

    def count(self, *rules: str) -> int:
        return sum(finding.count for finding in self.findings if finding.rule in rules)

    def __str__(self) -> str:
        quiet = "never" if self.quiet_after is None else f"{1000 * self.quiet_after:,.0f} ms"
        tail = f", {self.lost_with_the_tail} lost with the copy" if self.lost_with_the_tail else ""
        lines = [
            f"{self.fault}: {'sound' if self.ok else 'BROKEN'} — {self.injections} injections, "
            f"{self.clients} clients, {self.acknowledged} messages acknowledged, "
            f"{self.deliveries} deliveries",
            f"  lost {self.count('lost')}, doubled {self.count('duplicate', 'unknowns')}, "
            f"reordered {self.count('inversion', 'real time')}{tail}",
            f"  noticed after {self.noticed}"
            + (f" ({self.unnoticed} times by nobody)" if self.unnoticed else ""),
            f"  recovered after {self.recovered}; from the mending {self.recovered_after_mending}",
            f"  delivered {self.delivery} after the commit; acknowledged after {self.answer}",
            f"  through catching up {self.resumed:.1%}, through a node's reading {self.read:.1%}",
            f"  when all fell silent, everyone was where the log ends after {quiet}",
            *([f"  never sent: {self.unsent}"] if self.unsent else []),
            *(f"  {finding}".replace("\n", "\n  ") for finding in self.findings),
        ]
        return "\n".join(lines)


def verdict_on(site: Site, fault: str, history: History) -> Verdict:
    watch = site.watch
    said = [line for node in site.nodes for line in node.said()]
    signs = sorted(
        [at for at, _ in watch.signs] + [line.at for line in said if line.level == "WARNING"]
    )
    late = [at for at, lag, *_ in watch.deliveries if lag > LATE_SECONDS]
    late += [at for at, lag in watch.answers if lag > LATE_SECONDS]
    late += [at for at, _ in watch.returns]
    ends = [*(injection.prepared for injection in site.injections[1:]), float("inf")]
    noticed, recovered, mended = [], [], []
    for injection, end in zip(site.injections, ends, strict=True):
        noticed += [at - injection.began for at in _between(signs, injection.began, end)][:1]
        last = max(_between(late, injection.began, end), default=injection.began)
        recovered.append(last - injection.began)
        mended.append(max(0.0, last - injection.healed))
    reads = {
        (line.node, found[1], int(found[2])) for line in said if (found := _READ.match(line.text))
    }
    total = sum(count for *_, count in watch.deliveries) or 1
    oks = [send for send in history.of(Send) if send.type == "ok"]
    return Verdict(
        fault=fault,
        injections=len(site.injections),
        clients=len(site.clients),
        acknowledged=len(oks),
        deliveries=total,
        findings=check(history),
        lost_with_the_tail=sum(
            bool(history.cuts(ok.room, ok.seq, ok.t))
            and getattr(history.log[ok.room].get(ok.seq), "id", "") != ok.id
            for ok in oks
        ),
        noticed=Times(noticed),
        unnoticed=len(site.injections) - len(noticed),
        recovered=Times(recovered),
        recovered_after_mending=Times(mended),
        delivery=Times([lag for _, lag, *_ in watch.deliveries]),
        answer=Times([lag for _, lag in watch.answers]),
        resumed=sum(d[-1] for d in watch.deliveries if d[3] == "resume") / total,
        read=sum(d[-1] for d in watch.deliveries if (d[2], d[4], d[6]) in reads) / total,
        quiet_after=site.quiet_after,
        unsent=site.unsent,
    )


def _between(times: Iterable[float], start: float, end: float) -> list[float]:
    return [at for at in times if start <= at < end]
