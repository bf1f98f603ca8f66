"""Readings of a window: what is the same document, what is another window's, and whether a count is accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.collector.account import Reading, Verdict, judge, moment_of
from insights_pipeline.collector.fetch import OTHER_SIZES
from insights_pipeline.collector.window import Window

START = datetime(2026, 3, 14, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=1))

# Documents by their text: equal numbers are documents that are alike to the last byte.
documents = st.lists(st.integers(0, 30), min_size=1, max_size=60)


def row(number: int) -> tuple[bytes, object]:
    timestamp = (START + timedelta(seconds=number)).isoformat()
    return json.dumps({"id": number, "timestamp": timestamp}).encode(), timestamp


def walk(shelf: Sequence[int], size: int, repeated: int = 0) -> Reading:
    """A walk in pages of `size` rows, each but the first beginning with so many rows of the one before."""
    reading = Reading(WINDOW)
    position = 0
    while True:
        page = [*shelf[max(0, position - repeated) : position], *shelf[position:]][:size]
        position += len(page) - min(repeated, position)
        reading.add(map(row, page))
        if len(page) < size:
            return reading


@given(documents, st.integers(5, 40))
def test_a_walk_without_faults_accounts_for_every_document_once_twins_are_confirmed(
    shelf: list[int], size: int
) -> None:
    reading = walk(shelf, size)
    reading.confirm([walk(shelf, size * 3 // 4 + 1), walk(shelf, size // 2 + 1)])
    assert reading.received == len(shelf)
    assert reading.distinct == len(set(shelf))
    assert judge(len(shelf), reading) is (Verdict.PROVEN if len(set(shelf)) == len(shelf) else Verdict.REPEATED)


@given(st.integers(100, 200), st.floats(0, 1), st.integers(1, 5))
def test_rows_that_paging_repeats_are_no_documents(size: int, share: float, repeated: int) -> None:
    count = round(share * 3 * size)  # a slice is three pages at most
    reading = walk(range(count), size, repeated)
    assert (reading.repeats.total() > 0) == (count >= size)
    reading.confirm([walk(range(count), int(size * OTHER_SIZES[0]), repeated)])
    assert reading.received == count


@given(st.lists(documents, min_size=1, max_size=4))
def test_walks_put_together_hold_what_any_of_them_met(shelves: list[list[int]]) -> None:
    held = Reading(WINDOW)
    for shelf in shelves:
        held.include(walk(shelf, 100))
    assert held.distinct == len({number for shelf in shelves for number in shelf})
    assert held.repeats.total() == sum(times - 1 for times in Counter(shelves[-1]).values())
    assert held.twins.total() == 0


@given(documents, st.integers(0, 80))
def test_the_verdict_follows_from_the_figures(shelf: list[int], expected: int) -> None:
    verdict = judge(expected, walk(shelf, 100))
    distinct = len(set(shelf))
    assert verdict is (
        Verdict.PROVEN
        if expected == distinct
        else Verdict.MORE
        if expected < distinct
        else Verdict.REPEATED
        if expected <= len(shelf)
        else Verdict.FEWER
    )


def test_rows_on_the_window_s_end_or_outside_are_another_s_and_those_without_a_time_its_own() -> None:
    reading = Reading(WINDOW)
    texts = [START - timedelta(microseconds=1), START, WINDOW.end - timedelta(microseconds=1), WINDOW.end]
    reading.add((f"{number}".encode(), moment.isoformat()) for number, moment in enumerate(texts))
    reading.add([(b"none", None), (b"odd", "yesterday"), (b"number", 5)])
    assert (reading.received, reading.received_beyond) == (7, 2)


def test_twins_on_the_window_s_end_are_both_the_neighbour_s() -> None:
    reading, second = Reading(WINDOW), Reading(WINDOW)
    for walked in (reading, second):
        walked.add([(b"twin", WINDOW.end.isoformat())] * 2)
    reading.confirm([second])
    assert (reading.received, reading.received_beyond) == (2, 2)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-14T00:00:00Z", START),
        ("2026-03-14T00:00:00.1Z", START + timedelta(milliseconds=100)),
        ("2026-03-14T00:00:00.123456789Z", START + timedelta(microseconds=123_456)),
        ("2026-03-14T02:00:00+02:00", START),
        ("2026-03-14T00:00:00", START),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (1_773_446_400, None),
        (None, None),
    ],
)
def test_timestamps_are_read_to_the_microsecond_whatever_their_form(text: object, moment: datetime | None) -> None:
    assert moment_of(text) == moment
