"""A verdict in words and numbers."""

from collections import Counter
from dataclasses import replace

import pytest

from lab.checker.check import Finding
from lab.drill.verdict import DrillVerdict, Times, Total
from lab.faults.fault import Promise

pytestmark = pytest.mark.once

NONE = Times()
SOUND = DrillVerdict(
    fault="kill",
    promise=Promise(),
    injections=3,
    clients=20,
    acknowledged=100,
    deliveries=2000,
    findings=[],
    lost_with_the_tail=0,
    noticed=Times([0.01, 0.02, 0.03]),
    unnoticed=0,
    recovered=Times([0.2]),
    recovered_after_mending=NONE,
    away=Times([0.4, 0.5]),
    converged=Times([0.1, 0.2, 0.3]),
    unconverged=0,
    delivery=Times([i / 1000 for i in range(1, 101)]),
    delivered=Times([i / 1000 for i in range(1, 101)]),
    delivered_meanwhile=NONE,
    answer=NONE,
    resumed=100,
    read=200,
    closes=Counter({1006: 4}),
    quiet_after=0.006,
    unsent=0,
)


def test_it_says_what_it_came_to() -> None:
    said = str(SOUND)

    assert "kill: sound — 3 injections, 20 clients, 100 messages" in said
    assert "noticed after 20 / 30 / 30 ms" in said
    assert "had everything 200 / 300 / 300 ms after healing" in said
    assert "delivered 51 / 100 / 100 ms after the commit" in said
    assert "catching up 5.0%, through a node's reading 10.0%" in said
    assert "sockets closed: 4 × 1006" in said
    assert SOUND.ok


def test_a_finding_breaks_it_and_is_counted() -> None:
    broken = replace(SOUND, findings=[Finding("lost", 7, ["a-1 is gone"])])

    assert not broken.ok
    assert "kill: BROKEN" in str(broken)
    assert "lost 7" in str(broken)


@pytest.mark.parametrize(
    "broken",
    [
        replace(SOUND, unsent=1),
        replace(SOUND, unconverged=1),
        replace(SOUND, acknowledged=0),
    ],
)
def test_what_never_came_breaks_it(broken: DrillVerdict) -> None:
    assert not broken.sound


@pytest.mark.parametrize(
    ("promise", "figures", "words"),
    [
        (Promise(), {"converged": Times([2.5])}, "converged took 2.50 s, promised are 2"),
        (Promise(), {"quiet_after": None}, "in the end not every client"),
        (Promise(delivered=2.0), {"delivered": Times([2.1])}, "delivered took 2.10 s"),
        (Promise(delivered_p99=1.0), {"delivered_meanwhile": Times([1.5])}, "p99 of deliveries"),
        (Promise(away_p95=0.4), {"away": Times([0.3, 0.5])}, "p95 of clients that were cut off"),
        (Promise(farewells=0.99), {"closes": Counter({4000: 90, 1006: 10})}, "only 90.0%"),
    ],
)
def test_a_figure_that_misses_its_promise_makes_it_late(
    promise: Promise, figures: dict[str, object], words: str
) -> None:
    late = replace(SOUND, promise=promise, **figures)  # type: ignore[arg-type]

    assert late.sound
    assert not late.ok
    assert "kill: LATE" in str(late)
    assert words in str(late)


def test_all_drills_together_are_a_table_and_a_sentence() -> None:
    total = Total([SOUND, replace(SOUND, fault="roll", resumed=0, read=0)])

    assert total.backfill == 7.5
    assert "| roll | 3 | 100 | 2,000 | 0 | 20 (30) |" in str(total)
    assert "6 injections, 200 messages acknowledged, 4,000 deliveries" in str(total)
