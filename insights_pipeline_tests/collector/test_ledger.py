"""What slices add up to: regions to fetch, states, and slices joined without losing a figure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.collector import ledger
from insights_pipeline.collector.ledger import Balance
from insights_pipeline.collector.plan import SLICE_EVENTS
from insights_pipeline.collector.window import Window, from_edges
from insights_pipeline.lake import Slice

START = datetime(2026, 3, 14, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
LATER = DAY.end + timedelta(days=1)


def part(window: Window, received: int = 10, expected: int | None = 10, beyond: int = 0) -> Slice:
    return Slice(
        start=window.start,
        end=window.end,
        expected=expected,
        received=received,
        beyond=beyond,
        pages=[],
        fetched_at=LATER,
    )


minutes = st.integers(1, 1_439).map(lambda minute: START + timedelta(minutes=minute))
days = st.lists(minutes, max_size=8).map(lambda edges: from_edges([DAY.start, *edges, DAY.end]))
figures = st.tuples(st.integers(0, SLICE_EVENTS), st.integers(0, 2), st.booleans())


@st.composite
def slices(draw: st.DrawFn) -> list[Slice]:
    """Slices of a day without overlap, with gaps here and there, some proven."""
    found = []
    for window in draw(days):
        received, beyond, proven = draw(figures)
        beyond = min(beyond, received)
        if draw(st.integers(0, 4)):
            found.append(part(window, received, received if proven else None, beyond))
    return found


@given(slices(), st.data())
def test_regions_and_kept_slices_cover_the_day_and_every_dropped_slice_is_replaced_whole(
    held: list[Slice], data: st.DataObject
) -> None:
    keep = [slice_ for slice_ in held if data.draw(st.booleans())]
    regions = ledger.regions(DAY, held, keep)
    windows = sorted([*(region.window for region in regions), *map(ledger.window_of, keep)])
    assert windows == from_edges([DAY.start, *(window.start for window in windows), DAY.end])
    assert [slice_ for region in regions for slice_ in region.old] == [slice_ for slice_ in held if slice_ not in keep]
    for region in regions:
        assert all(region.window.start <= old.start and old.end <= region.window.end for old in region.old)
        assert sum(old.received for old in region.old) <= SLICE_EVENTS


@given(slices(), minutes)
def test_joining_keeps_every_figure(held: list[Slice], until: datetime) -> None:
    joined = ledger.tidy(held[::-1], until)
    assert ledger.balance(DAY, joined, 5) == ledger.balance(DAY, held, 5)
    assert joined == ledger.in_order(joined)
    assert all(slice_ in held for slice_ in joined if slice_.end > until)
    assert all(slice_ in held or (slice_.proven and slice_.received <= SLICE_EVENTS) for slice_ in joined)


@pytest.mark.parametrize(
    ("expected", "held", "covered", "closed", "state"),
    [
        (5, 5, True, True, "complete"),
        (5, 4, True, True, "short"),
        (5, 6, True, True, "over"),
        (None, 5, True, True, "unverified"),
        (5, 5, False, True, "unverified"),
        (5, 4, False, True, "short"),
        (5, 5, True, False, "open"),
        (None, 0, False, False, "open"),
    ],
)
def test_the_state_follows_from_the_figures(
    expected: int | None, held: int, covered: bool, closed: bool, state: str
) -> None:
    assert ledger.state(Balance(expected, held, covered), closed=closed) == state


def test_an_event_on_an_inner_edge_counts_once_and_one_on_the_last_edge_not_at_all() -> None:
    left, right = Window(DAY.start, START + timedelta(hours=6)), Window(START + timedelta(hours=6), DAY.end)
    held = [part(left, received=5, expected=5, beyond=1), part(right, received=8, expected=8, beyond=2)]
    assert ledger.balance(DAY, held, counted=12) == Balance(expected=10, held=10, covered=True)


def test_a_gap_or_a_slice_without_proof_leaves_the_day_uncovered() -> None:
    left, right = Window(DAY.start, START + timedelta(hours=6)), Window(START + timedelta(hours=6), DAY.end)
    assert not ledger.balance(DAY, [part(right)], counted=10).covered
    assert not ledger.balance(DAY, [part(left, expected=None), part(right)], counted=20).covered


def test_a_slice_is_firm_if_it_is_proven_and_was_old_enough_when_it_was_fetched() -> None:
    proven, unproven = part(DAY), part(DAY, expected=11)
    assert ledger.firm([proven, unproven], timedelta(days=1)) == [proven]
    assert ledger.firm([proven], timedelta(days=1, seconds=1)) == []
