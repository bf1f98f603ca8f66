"""Lateness: what arrivals keep, and the distribution that is read from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.collector.lateness import SAMPLE, Lateness, arrival, lateness
from insights_pipeline.lake import Arrival, Manifest

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def manifest(service: str, arrivals: list[Arrival], held: int = 100) -> Manifest:
    return Manifest(
        org="self",
        service=service,
        date=date(2026, 3, 14),
        state="complete",
        asked_service=service,
        expected_events=held,
        held_events=held,
        late_events=0,
        counted=held,
        counted_at=NOON,
        fetched_at=NOON,
        settled_until=NOON,
        slices=[],
        arrivals=arrivals,
    )


def seen(*seconds: int, events: int | None = None) -> Arrival:
    return Arrival(seen_at=NOON, events=len(seconds) if events is None else events, lateness_seconds=list(seconds))


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=3 * SAMPLE))
def test_an_arrival_keeps_the_lateness_of_each_event_or_an_even_sample_with_both_ends(seconds: list[int]) -> None:
    came = arrival([NOON - timedelta(seconds=late) for late in seconds], NOON)
    assert came is not None
    assert came.events == len(seconds)
    kept = came.lateness_seconds
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (min(seconds), max(seconds))
    assert kept == sorted(seconds) if len(seconds) <= SAMPLE else len(kept) == SAMPLE


def test_nothing_that_came_is_no_arrival_and_an_event_of_the_future_is_not_late() -> None:
    assert arrival([], NOON) is None
    assert arrival([NOON + timedelta(hours=1)], NOON) == seen(0)


def test_the_distribution_is_a_service_s_over_all_its_days() -> None:
    rows = lateness(
        [
            manifest("sso", [seen(*range(1, 51)), seen(*range(51, 101))]),
            manifest("sso", [], held=50),
            manifest("ldap", [seen(7)]),
            manifest("radius", []),
        ]
    )
    assert rows == [Lateness("ldap", 100, 1, 7, 7, 7, 7), Lateness("sso", 150, 100, 50, 90, 99, 100)]


def test_a_sample_weighs_as_much_as_the_events_that_it_stands_for() -> None:
    (row,) = lateness([manifest("sso", [seen(10, events=900), seen(*[1_000] * 100)])])
    assert (row.p50_seconds, row.p90_seconds, row.p99_seconds, row.max_seconds) == (10, 10, 1_000, 1_000)


@given(st.lists(st.lists(st.integers(0, 1_000), min_size=1, max_size=30).map(lambda late: seen(*late)), min_size=1))
def test_percentiles_never_fall_and_end_with_the_longest(arrivals: list[Arrival]) -> None:
    (row,) = lateness([manifest("sso", arrivals)])
    assert row.p50_seconds <= row.p90_seconds <= row.p99_seconds <= row.max_seconds
    assert row.max_seconds == max(late for came in arrivals for late in came.lateness_seconds)
