"""A verdict in words and numbers."""

from dataclasses import replace

from chat.drill.checker import Finding
from chat.drill.verdict import Times, Verdict

NONE = Times([])
SOUND = Verdict(
    fault="kill",
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
    delivery=Times([i / 1000 for i in range(1, 101)]),
    answer=NONE,
    resumed=0.05,
    read=0.1,
    quiet_after=0.006,
    unsent=0,
)


def test_it_says_what_it_came_to() -> None:
    said = str(SOUND)

    assert "kill: sound — 3 injections, 20 clients, 100 messages" in said
    assert "noticed after 20 / 30 / 30 ms" in said
    assert "delivered 51 / 100 / 100 ms after the commit" in said
    assert "catching up 5.0%, through a node's reading 10.0%" in said
    assert SOUND.ok


def test_a_finding_breaks_it_and_is_counted() -> None:
    broken = replace(SOUND, findings=[Finding("lost", 7, ["a-1 is gone"])])

    assert not broken.ok
    assert "kill: BROKEN" in str(broken)
    assert "lost 7, doubled 0" in str(broken)
    assert "a-1 is gone" in str(broken)
    assert "… and 2 more" in str(broken)


def test_where_nothing_was_said_nothing_was_tried() -> None:
    assert not replace(SOUND, acknowledged=0).ok


def test_what_was_never_sent_breaks_it() -> None:
    assert not replace(SOUND, unsent=2).ok
    assert "never sent: 2" in str(replace(SOUND, unsent=2))
