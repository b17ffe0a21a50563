"""The count of a load test: percentiles that are never too small, and sums that are sums."""

import copy
import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.loadtest.results import Figures, Histogram

pytestmark = pytest.mark.once

durations = st.lists(st.integers(0, 2**30 - 1), min_size=1, max_size=200)
percents = st.floats(0.1, 100)


def histogram_of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(durations, percents)
def test_a_percentile_is_never_too_small_and_hardly_too_large(
    values: list[int], percent: float
) -> None:
    exact = sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1]

    found = histogram_of(values).percentile(percent)

    assert exact <= found <= exact + exact // 64


@given(durations)
def test_the_hundredth_percentile_is_the_largest(values: list[int]) -> None:
    assert histogram_of(values).percentile(100) == max(values)


@given(durations, durations)
def test_two_histograms_merge_into_that_of_all_values(one: list[int], other: list[int]) -> None:
    merged = histogram_of(one)

    merged.merge(histogram_of(other))

    assert merged == histogram_of(one + other)
    assert merged.count == len(one) + len(other)


@given(durations, st.integers(1, 30))
def test_the_bars_hold_every_value_once_and_touch(values: list[int], most: int) -> None:
    bars = histogram_of(values).bars(most)

    assert sum(count for _, _, count in bars) == len(values)
    assert bars[0][0] <= min(values)
    assert max(values) < bars[-1][1]
    assert all(left[1] == right[0] for left, right in pairwise(bars))
    # One more where the first buckets are wider than a bar.
    assert len(bars) <= most + 2


def test_what_is_off_the_scale_still_counts() -> None:
    histogram = histogram_of([-5, 2**40])

    assert histogram.count == 2
    assert histogram.percentile(50) == 0
    assert histogram.largest == 2**40


def test_nothing_has_no_percentiles_and_no_bars() -> None:
    assert Histogram().percentile(99) == 0
    assert Histogram().bars() == []


@st.composite
def counted(draw: st.DrawFn) -> Figures:
    numbers = st.integers(0, 20)
    return Figures(
        opened=draw(numbers),
        failed=Counter(draw(st.dictionaries(st.sampled_from("abc"), numbers))),
        sent=draw(numbers),
        accepted=draw(st.sets(numbers)),
        heard=Counter(draw(st.dictionaries(numbers, numbers))),
        delivery=histogram_of(draw(durations)),
        gaps=draw(numbers),
        busiest=draw(st.floats(0, 1)),
        seconds=draw(st.floats(0, 10)),
    )


def sum_of(*parts: Figures) -> Figures:
    total = Figures()
    for part in parts:
        total.merge(copy.deepcopy(part))
    return total


@given(counted(), counted(), counted())
def test_processes_may_be_added_up_in_any_order(a: Figures, b: Figures, c: Figures) -> None:
    assert sum_of(a, b, c) == sum_of(c, sum_of(b, a))
    assert sum_of(a) == a


def test_a_message_of_one_process_is_expected_on_the_sockets_of_all() -> None:
    speaking = Figures(opened=2, sent=1, accepted={7}, heard=Counter({7: 2}))
    listening = Figures(opened=3, heard=Counter({7: 2}))

    total = sum_of(speaking, listening)

    assert (total.expected, total.received, total.completeness) == (5, 4, 80)
    assert total.faults == ["1 deliveries were lost"]


def test_a_refusal_is_an_answer_and_no_loss() -> None:
    figures = Figures(
        opened=1, sent=2, accepted={0}, rejected=Counter(busy=1), heard=Counter({0: 1})
    )

    assert (figures.unanswered, figures.faults) == (0, [])


def test_silence_is_a_fault() -> None:
    figures = Figures(opened=1, sent=2, accepted={0}, heard=Counter({0: 1}))

    assert figures.faults == ["1 messages were never answered"]
