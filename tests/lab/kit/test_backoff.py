"""The drills' people wait as pages do."""

import re
from pathlib import Path

import pytest

from lab.kit import backoff

pytestmark = pytest.mark.once

PAGE = Path(__file__).parents[3] / "static/js/realtime/backoff.js"


def test_the_longest_waits_are_those_of_the_page() -> None:
    constants = re.findall(r"^const (\w+) = ([\d_]+);$", PAGE.read_text(), re.M)

    assert {name: int(value) / 1_000 for name, value in constants} == {
        "FIRST_DELAY": backoff.FIRST_SECONDS,
        "SHORT_INTERRUPTION": backoff.SHORT_INTERRUPTION_SECONDS,
        "LONGEST_AT_FIRST": backoff.LONGEST_AT_FIRST_SECONDS,
        "LONGEST_DELAY": backoff.LONGEST_SECONDS,
    }


@pytest.mark.parametrize("pace", [1.0, 0.2])
def test_they_double_stay_short_for_half_a_minute_and_begin_anew(pace: float) -> None:
    now = 0.0
    waiting = backoff.Backoff(pace, uniform=lambda _, most: most, clock=lambda: now)
    waits = []
    for _ in range(12):
        waits.append(waiting.next() / pace)
        now += waits[-1] * pace

    assert waits == pytest.approx([0.5, 1, 2, *[4] * 7, 30, 30])
    waiting.reset()
    assert waiting.next() == pytest.approx(0.5 * pace)
