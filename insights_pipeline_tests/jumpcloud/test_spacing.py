"""The rate: even spacing, halved on refusals, recovered with successes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud.spacing import Spacing


def starts(spacing: Spacing, arrivals: list[float]) -> list[float]:
    """When requests start that arrive at those times, one waiting for the other."""
    now, started = 0.0, []
    for arrival in arrivals:
        now = max(now, arrival)
        while wait := spacing.take(now):
            now += max(wait, 1e-6)
        started.append(now)
    return started


@given(st.floats(0.5, 50), st.lists(st.floats(0, 5), min_size=2, max_size=40).map(sorted))
def test_no_stretch_of_time_sees_more_starts_than_the_rate_and_its_small_allowance(
    rate: float, arrivals: list[float]
) -> None:
    times = starts(Spacing(rate), arrivals)
    for first, start in enumerate(times):
        for last in range(first + 1, len(times)):
            assert last - first <= rate * (times[last] - start + 0.05) + 0.01


def test_requests_that_wait_start_evenly_at_the_rate() -> None:
    times = starts(Spacing(10), [0.0] * 101)
    assert times[-1] == pytest.approx(10, abs=0.1)
    assert all(later - earlier == pytest.approx(0.1, abs=1e-3) for earlier, later in pairwise(times[1:]))


def test_a_late_start_is_made_up_for() -> None:
    spacing = Spacing(10)
    assert spacing.take(0.0) == 0.0
    assert spacing.take(0.13) == 0.0
    assert spacing.take(0.20) == 0.0


def test_a_refusal_halves_the_rate_and_those_on_their_way_do_not_halve_it_again() -> None:
    spacing = Spacing(8)
    for started in (0.1, 0.2, 0.3):
        spacing.slow_down(now=1.0, started=started)
    assert spacing.rate == 4
    spacing.slow_down(now=2.0, started=1.5)
    assert spacing.rate == 2


def test_the_rate_has_a_floor() -> None:
    spacing = Spacing(10)
    for second in range(100):
        spacing.slow_down(now=second + 0.5, started=second)
    assert spacing.rate == 0.25


def test_successes_bring_the_rate_back_gradually_and_never_above_the_highest() -> None:
    spacing = Spacing(10)
    spacing.slow_down(now=1.0, started=0.5)
    rates = []
    for _ in range(60):
        spacing.speed_up()
        rates.append(spacing.rate)
    assert rates[0] == pytest.approx(5.1)
    assert rates[48] < 10
    assert rates[50] == rates[-1] == 10


def test_a_pause_holds_everything_and_a_shorter_one_does_not_end_it() -> None:
    spacing = Spacing(10)
    spacing.pause(until=30.0)
    spacing.pause(until=5.0)
    assert spacing.take(10.0) == pytest.approx(20)
    assert spacing.take(30.0) == 0.0
