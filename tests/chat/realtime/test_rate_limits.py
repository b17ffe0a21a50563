"""Token buckets: a burst at once, then a rate; kept while one is away; forgotten when full."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from chat.errors import RateLimited
from chat.realtime import rate_limits as limits_module
from chat.realtime.rate_limits import Policy, RateLimits

pytestmark = pytest.mark.once

FIVE = Policy("things", per_second=5, burst=20)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Clock:
    settings.RATE_LIMITS = True
    clock = Clock()
    monkeypatch.setattr(limits_module, "time", clock)
    return clock


def allowed(limits: RateLimits, taker: object = "alice") -> bool:
    try:
        limits.check(FIVE, taker)
    except RateLimited:
        return False
    return True


def test_a_burst_goes_through_and_then_the_rate(clock: Clock) -> None:
    limits = RateLimits()

    burst = [allowed(limits) for _ in range(25)]
    clock.now += 1
    next_second = [allowed(limits) for _ in range(10)]

    assert sum(burst) == 20
    assert sum(next_second) == 5


def test_a_refusal_says_how_long_to_wait_and_that_is_enough(clock: Clock) -> None:
    limits = RateLimits()
    while allowed(limits):
        pass

    with pytest.raises(RateLimited) as refused:
        limits.check(FIVE, "alice")
    assert refused.value.retry_ms is not None
    clock.now += refused.value.retry_ms / 1000

    assert allowed(limits)
    assert not allowed(limits)


def test_one_does_not_pay_for_another(clock: Clock) -> None:
    limits = RateLimits()
    while allowed(limits, "mallory"):
        pass

    assert allowed(limits, "alice")


def test_a_full_bucket_is_forgotten_and_an_empty_one_is_not(clock: Clock) -> None:
    limits = RateLimits()
    while allowed(limits):
        pass

    clock.now += 1
    limits.forget_full()
    assert sum(allowed(limits) for _ in range(25)) == 5
    clock.now += 4
    limits.forget_full()

    assert limits._buckets == {}


def test_switched_off_nothing_is_limited(clock: Clock, settings: Settings) -> None:
    settings.RATE_LIMITS = False
    limits = RateLimits()

    assert all(allowed(limits) for _ in range(1000))


@given(pauses=st.lists(st.floats(0, 3), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_the_rate(pauses: list[float]) -> None:
    clock = Clock()
    limits = RateLimits()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits_module, "time", clock)
        patch.setattr(limits_module, "settings", SimpleNamespace(RATE_LIMITS=True))
        taken = 0
        for pause in pauses:
            clock.now += pause
            taken += allowed(limits)

    elapsed = clock.now - 100
    assert taken <= FIVE.burst + elapsed * FIVE.per_second + 1e-6
