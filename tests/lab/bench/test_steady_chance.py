"""Without jitter everyone gets the same, whichever way the drain asks for chance."""

import pytest

from lab.bench.inside.mechanisms import Steady

pytestmark = pytest.mark.once


def test_every_way_to_ask_for_chance_gives_the_middle() -> None:
    steady = Steady()

    assert {steady.randrange(2000) for _ in range(10)} == {1000}
    assert {steady.randrange(1000, 2000) for _ in range(10)} == {1500}
    assert {steady.randint(0, 10) for _ in range(10)} == {5}
    assert {steady.uniform(1, 3) for _ in range(10)} == {2.0}
    assert {steady.random() for _ in range(10)} == {0.5}
