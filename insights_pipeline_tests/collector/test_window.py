"""Windows: cuts and gaps neither lose nor double an instant, whatever the window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.collector.window import SECOND, Window, edge_before, from_edges, gaps

START = datetime(2026, 3, 14, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

moments = st.integers(0, 86_400_000).map(lambda number: START + number * MILLISECOND)
windows = st.tuples(moments, moments).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: Window(*sorted(ends)))


def is_seamless(parts: list[Window], whole: Window) -> bool:
    return (
        parts[0].start == whole.start
        and parts[-1].end == whole.end
        and all(left.end == right.start for left, right in pairwise(parts))
    )


@given(windows, st.integers(1, 100))
def test_the_parts_of_a_window_follow_each_other_without_gap(window: Window, parts: int) -> None:
    cut = window.cut(parts)
    assert 1 <= len(cut) <= parts
    assert is_seamless(cut, window)


@given(windows, st.integers(2, 100))
def test_a_window_is_cut_off_the_whole_second_and_down_to_less_than_two(window: Window, parts: int) -> None:
    cut = window.cut(parts)
    assert all(edge.start.microsecond == 500_000 for edge in cut[1:])
    assert (len(cut) > 1) == (window.end - window.start >= 2 * SECOND)
    assert all(part.end - part.start >= SECOND / 2 for part in cut[1:-1])


@given(moments)
def test_an_edge_is_the_last_half_second_not_after_the_moment(moment: datetime) -> None:
    edge = edge_before(moment)
    assert edge.microsecond == 500_000
    assert timedelta(0) <= moment - edge < SECOND


def test_a_window_that_holds_no_instant_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        Window(START, START)


@given(windows, st.lists(windows, max_size=8), moments)
def test_gaps_hold_exactly_the_instants_that_nothing_takes(
    whole: Window, taken: list[Window], moment: datetime
) -> None:
    instant = Window(moment, moment + MILLISECOND)
    missing = whole.overlaps(instant) and not any(window.overlaps(instant) for window in taken)
    left = gaps(whole, taken)
    assert sum(window.overlaps(instant) for window in left) == missing
    assert left == sorted(left)


@given(st.lists(moments, min_size=2, max_size=6))
def test_equal_edges_have_nothing_between_them(edges: list[datetime]) -> None:
    assert len(from_edges(edges)) == len(set(edges)) - 1
