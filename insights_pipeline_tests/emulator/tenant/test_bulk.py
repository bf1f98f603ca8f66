"""Very many events made as they are read: an order without gaps, the edges of days, and memory that stays small."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from insights_pipeline.emulator import Tenant, serve
from insights_pipeline.emulator.store import Shelf, Span
from insights_pipeline_tests.emulator.conftest import client_of
from insights_pipeline_tests.emulator.paging import all_pages

FIRST_DAY = date(2026, 3, 1)


def shelf_of(**settings: Any) -> Shelf:
    (shelf,) = Tenant.bulk(first_day=FIRST_DAY, **settings).shelves.values()
    return shelf


@pytest.mark.parametrize(
    "burst", [{}, {"burst_share": 0.5}, {"burst_share": 1.0}, {"burst_share": 0.3, "burst_second": 0}]
)
@pytest.mark.parametrize("events", [1, 2, 7, 5_000])
def test_rows_are_in_order_and_every_day_has_its_number(events: int, burst: dict[str, float]) -> None:
    shelf = shelf_of(days=3, events_per_day={"sso": events}, **burst)
    rows = shelf[:]
    assert len(rows) == len(shelf) == 3 * events
    assert all(earlier[:2] < later[:2] for earlier, later in pairwise(rows))
    assert len({json.loads(row.body)["id"] for row in rows}) == len(rows)
    for day in range(3):
        start = datetime(2026, 3, 1 + day, tzinfo=UTC).timestamp() * 1_000
        assert len(Span.between(shelf, int(start), int(start) + 86_400_000)) == events


def test_a_day_begins_on_its_first_millisecond_and_ends_on_its_last() -> None:
    shelf = shelf_of(days=2, events_per_day={"directory": 1_000}, burst_share=0.4)
    stamps = [json.loads(shelf[position].body)["timestamp"] for position in (0, 999, 1_000, -1)]
    assert stamps == [
        "2026-03-01T00:00:00.000Z",
        "2026-03-01T23:59:59.999Z",
        "2026-03-02T00:00:00.000Z",
        "2026-03-02T23:59:59.999Z",
    ]


def test_a_burst_puts_its_share_into_one_second() -> None:
    shelf = shelf_of(days=1, events_per_day={"sso": 10_000}, burst_share=0.5, burst_second=3_600)
    start = int(datetime(2026, 3, 1, 1, tzinfo=UTC).timestamp()) * 1_000
    assert len(Span.between(shelf, start, start + 1_000)) == 5_000


def test_pages_of_a_burst_bring_every_event_once() -> None:
    tenant = Tenant.bulk(first_day=FIRST_DAY, days=1, events_per_day={"sso": 3_000, "ldap": 500}, burst_share=0.6)
    with serve(tenant) as emulator, client_of(emulator) as client:
        query = {"start_time": "2026-03-01T00:00:00Z", "end_time": "2026-03-02T00:00:00Z", "limit": 700}
        events = all_pages(client, query | {"service": ["all"]})
        start = datetime(2026, 3, 1, tzinfo=UTC)
        assert [event["id"] for event in events] == emulator.truth.ids("all", start, start + timedelta(days=1))
        assert len(events) == 3_500
        filtered = query | {"service": ["sso"], "fields": ["application.name"]}
        assert all(set(event) <= {"application"} for event in all_pages(client, filtered))


def test_rows_are_of_a_real_event_s_size_and_differ() -> None:
    rows = shelf_of(days=1, events_per_day={"directory": 1_000_000})[500_000:501_000]
    assert 600 < sum(len(row.body) for row in rows) / len(rows) < 1_500
    assert len({json.loads(row.body)["event_type"] for row in rows}) > 5


def test_two_million_events_take_no_more_memory_than_a_page() -> None:
    tracemalloc.start()
    try:
        shelf = shelf_of(days=1, events_per_day={"directory": 2_000_000})
        middle = Span.between(shelf, shelf[0].milliseconds + 3_600_000, shelf[-1].milliseconds)
        assert len(middle) > 1_900_000
        assert len(middle.head(100, descending=False)) == 100
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_a_burst_that_would_leave_the_day_is_refused() -> None:
    with pytest.raises(ValueError, match="burst"):
        shelf_of(days=1, events_per_day={"sso": 10}, burst_share=0.5, burst_second=86_399)
