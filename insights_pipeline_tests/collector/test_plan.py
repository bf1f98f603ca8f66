"""Planning by count: small slices, few count calls, whatever the shape of the day."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.collector.plan import Planned, plan
from insights_pipeline.collector.window import SECOND, Window

START = datetime(2026, 3, 14, tzinfo=UTC)
WHOLE = Window(START, START + timedelta(days=1))

# Days of up to a few hundred events: clusters around some moments, each of some width.
clusters = st.lists(st.tuples(st.integers(0, 86_399_999), st.integers(1, 100_000), st.integers(1, 60)), max_size=6)


def events_in(shape: list[tuple[int, int, int]]) -> list[datetime]:
    instants = [(first + number * width) % 86_400_000 for first, width, many in shape for number in range(many)]
    return sorted(START + timedelta(milliseconds=instant) for instant in instants)


def planned_for(events: list[datetime], most: int) -> tuple[list[Planned], int]:
    calls = 0

    async def count(window: Window) -> int:
        nonlocal calls
        calls += 1
        return bisect_left(events, window.end) - bisect_left(events, window.start)

    return asyncio.run(plan(WHOLE, len(events), count, most=most)), calls


@given(clusters, st.integers(1, 50))
def test_slices_cover_the_day_and_hold_no_more_than_asked_or_less_than_two_seconds(
    shape: list[tuple[int, int, int]], most: int
) -> None:
    events = events_in(shape)
    slices, _ = planned_for(events, most)
    windows = [slice_.window for slice_ in slices]
    assert (windows[0].start, windows[-1].end) == (WHOLE.start, WHOLE.end)
    assert all(left.end == right.start for left, right in pairwise(windows))
    for slice_ in slices:
        held = bisect_left(events, slice_.window.end) - bisect_left(events, slice_.window.start)
        assert slice_.expected == held
        assert held <= most or slice_.window.end - slice_.window.start < 2 * SECOND


@given(clusters, st.integers(1, 50))
def test_neighbours_that_fit_into_one_slice_are_one(shape: list[tuple[int, int, int]], most: int) -> None:
    slices, _ = planned_for(events_in(shape), most)
    assert all(left.expected + right.expected > most for left, right in pairwise(slices))


def test_a_day_that_fits_costs_no_count() -> None:
    assert planned_for(events_in([(0, 1_000, 50)]), 50) == ([Planned(WHOLE, 50)], 0)


def test_an_even_day_is_counted_once_a_slice_and_a_burst_logarithmically_often() -> None:
    even, calls = planned_for([START + number * 8 * SECOND for number in range(10_000)], 1_000)
    assert (len(even), calls) == (11, 11)
    burst, calls = planned_for(
        [START + timedelta(hours=12, milliseconds=number // 20) for number in range(10_000)], 1_000
    )
    assert max(slice_.expected for slice_ in burst) == 10_000
    assert calls < 130


def test_a_day_of_many_slices_is_cut_at_once_into_slices_of_three_pages() -> None:
    slices, calls = planned_for([START + number * timedelta(milliseconds=432) for number in range(200_000)], 1_000)
    assert (len(slices), calls) == (201, 201)
