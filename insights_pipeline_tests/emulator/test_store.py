"""Spans and pages of the store against plain sorting and slicing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.emulator.cursor import Cursor, document_id, parse_search_after
from insights_pipeline.emulator.store import EventStore, Row, Span, merged, page

# Few instants, so that many rows share one and pages break in the middle of it.
shelves = st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=4)


def filed(instants: list[list[int]]) -> list[list[Row]]:
    return [
        sorted(Row(instant, document_id(b"", shelf * 100 + place), b"") for place, instant in enumerate(shelf_instants))
        for shelf, shelf_instants in enumerate(instants)
    ]


@given(shelves, st.integers(0, 6), st.integers(0, 6), st.integers(1, 7), st.booleans())
def test_pages_by_cursor_bring_the_window_s_rows_once_and_in_order(
    instants: list[list[int]], start: int, end: int, limit: int, descending: bool
) -> None:
    rows_of_shelves = filed(instants)
    expected = sorted(row for rows in rows_of_shelves for row in rows if start <= row.milliseconds < end)
    spans = [span for rows in rows_of_shelves if len(span := Span.between(rows, start, end))]
    assert list(merged(spans)) == expected
    read: list[Row] = []
    while rows := page(spans, limit, descending=descending):
        read += rows
        already = [span.until(rows[-1].cursor, descending=descending) for span in spans]
        assert sum(len(span) for span in already) == len(rows)
        spans = [span.beyond(rows[-1].cursor, descending=descending) for span in spans]
    assert read == (expected[::-1] if descending else expected)


@given(shelves, st.sets(st.integers(0, 11)), st.integers(0, 9))
def test_withholding_and_revealing_in_parts_changes_nothing_in_the_end(
    instants: list[list[int]], places: set[int], part: int
) -> None:
    before = {("organization", f"service {number}"): rows for number, rows in enumerate(filed(instants))}
    store = EventStore(before)
    served = store.shelf("organization", "service 0")
    copy = list(served)
    withheld = store.withhold(lambda owner, service, row, place: place in places)
    assert withheld == sum(len(places & set(range(len(rows)))) for rows in before.values())
    assert store.reveal(part) + store.reveal() == withheld
    assert {key: list(store.shelf(*key)) for key in before} == before
    assert list(served) == copy


@pytest.mark.parametrize("value", [None, []])
def test_no_cursor_is_no_cursor(value: object) -> None:
    assert parse_search_after(value) is None


def test_a_cursor_reads_back_from_its_header_s_text() -> None:
    cursor = Cursor(1576181718000, document_id(b"event", 1))
    assert len(cursor.document_id) == 20
    assert cursor.header() == f'[1576181718000,"{cursor.document_id}"]'
    assert document_id(b"event", 2) != cursor.document_id != document_id(b"other", 1)
