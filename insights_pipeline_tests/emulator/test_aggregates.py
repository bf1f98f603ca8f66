"""Counts, distinct values and intervals against the events themselves."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from insights_pipeline.emulator import RunningEmulator
from insights_pipeline_tests.emulator.conftest import END, PERIOD, START
from insights_pipeline_tests.emulator.paging import all_pages

FAILED_SIGN_INS = {"and": [{"event_type": "user_login_attempt"}, {"success": "false"}]}


def events_of(emulator: RunningEmulator, service: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in emulator.truth.events(service, START, END)]


@pytest.mark.parametrize("filters", [{}, {"search_term": FAILED_SIGN_INS}, {"q": "berlin Password"}])
def test_the_count_is_the_number_of_events_that_pages_bring(client: httpx.Client, filters: dict[str, Any]) -> None:
    query = PERIOD | {"service": ["directory"], "limit": 89} | filters
    counted = client.post("/events/count", json=query).json()
    assert counted == {"count": len(all_pages(client, query))}
    assert counted["count"] > 0


def test_distinct_values_stand_under_the_field_s_name_most_frequent_first(
    emulator: RunningEmulator, client: httpx.Client
) -> None:
    expected = Counter(event["initiated_by"]["type"] for event in events_of(emulator, "directory"))
    query = PERIOD | {"service": ["directory"], "field": "initiated_by.type"}
    answer = client.post("/events/distinct", json=query).json()
    buckets = [{"key": key, "doc_count": count} for key, count in expected.most_common()]
    assert answer == {"initiated_by.type": buckets, "doc_count_error_upper_bound": 0, "sum_other_doc_count": 0}


def test_distinct_values_may_stand_under_the_specification_s_name_and_be_cut(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    own_emulator.behaviour.distinct_list_name = "buckets"
    own_emulator.behaviour.distinct_size = 3
    query = PERIOD | {"service": ["all"], "field": "service", "search_term": {"not": [{"service": "sso"}]}}
    answer = own_client.post("/events/distinct", json=query).json()
    assert len(answer["buckets"]) == 3
    total = sum(bucket["doc_count"] for bucket in answer["buckets"]) + answer["sum_other_doc_count"]
    assert total == sum(event["service"] != "sso" for event in events_of(own_emulator, "all"))


@pytest.mark.parametrize("filters", [{}, {"search_term": {"and": [{"sso_token_success": "true"}]}}])
@pytest.mark.parametrize(
    ("interval", "step", "offset"),
    [
        ({"interval_unit": "h"}, timedelta(hours=1), timedelta(0)),
        ({"interval_unit": "h", "interval_value": "2", "timezone": "-0500"}, timedelta(hours=2), timedelta(hours=-5)),
        ({"interval_unit": "d", "timezone": "+05:30"}, timedelta(days=1), timedelta(hours=5, minutes=30)),
        ({"interval_unit": "m", "interval_value": "15"}, timedelta(minutes=15), timedelta(0)),
    ],
)
def test_intervals_hold_what_falls_between_their_edges(
    emulator: RunningEmulator,
    client: httpx.Client,
    interval: dict[str, str],
    step: timedelta,
    offset: timedelta,
    filters: dict[str, Any],
) -> None:
    query = PERIOD | {"service": ["sso"]} | filters
    instants = [datetime.fromisoformat(event["timestamp"]) for event in all_pages(client, query)]
    buckets = client.post("/events/interval", json=query | interval).json()["buckets"]
    starts = [datetime.fromtimestamp(bucket["key"] / 1_000, UTC) for bucket in buckets]
    for bucket, start in zip(buckets, starts, strict=True):
        assert bucket["doc_count"] == sum(start <= instant < start + step for instant in instants)
        assert datetime.fromisoformat(bucket["key_as_string"]) == start
        midnight = (start + offset).replace(hour=0, minute=0, second=0, microsecond=0)
        assert (start + offset - midnight) % step == timedelta(0)
    assert starts == [starts[0] + number * step for number in range(len(starts))]
    assert sum(bucket["doc_count"] for bucket in buckets) == len(instants)


def test_weeks_begin_on_monday(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["all"], "interval_unit": "w"}
    buckets = client.post("/events/interval", json=query).json()["buckets"]
    assert [bucket["key_as_string"] for bucket in buckets] == ["2026-03-09T00:00:00Z"]


def test_no_events_have_no_buckets(client: httpx.Client) -> None:
    query = {"service": ["sso"], "start_time": "2026-03-01T00:00:00Z", "end_time": "2026-03-02T00:00:00Z"}
    assert client.post("/events/interval", json=query | {"interval_unit": "h"}).json() == {"buckets": []}
    assert client.post("/events/distinct", json=query | {"field": "id"}).json()["id"] == []
