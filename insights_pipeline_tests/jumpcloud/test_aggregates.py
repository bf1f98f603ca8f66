"""Counts, distinct values and intervals, in every shape that is known to be sent."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud import DistinctValues, IntervalBucket
from insights_pipeline.jumpcloud.aggregates import read_count, read_distinct, read_intervals
from insights_pipeline.jumpcloud.implausible import Implausible

ODD_BODIES = [b"", b"[]", b"null", b"{", b"{}", b"<html>", b'{"message":"no"}', b'{"\xff":[]}', b"[" * 100_000]


@given(st.integers(0, 2**62))
def test_a_count_is_read(count: int) -> None:
    assert read_count(json.dumps({"count": count}).encode()) == count


@given(st.integers(0, 2**62), st.data())
def test_a_count_that_is_cut_anywhere_is_never_believed(count: int, data: st.DataObject) -> None:
    body = json.dumps({"count": count}).encode()
    with pytest.raises(Implausible):
        read_count(body[: data.draw(st.integers(0, len(body) - 1))])


@pytest.mark.parametrize("body", [*ODD_BODIES, b'{"count":-1}', b'{"count":"1"}', b'{"count":true}', b'{"count":1.5}'])
def test_what_is_no_count_is_not_believed(body: bytes) -> None:
    with pytest.raises(Implausible):
        read_count(body)


BUCKETS: list[dict[str, Any]] = [{"key": "sso_auth", "doc_count": 7}, {"key": "user_update", "doc_count": 2}]


@pytest.mark.parametrize("name", ["buckets", "event_type", "values"])
def test_distinct_values_are_read_under_any_name(name: str) -> None:
    body = json.dumps({name: BUCKETS, "doc_count_error_upper_bound": 1, "sum_other_doc_count": 3}).encode()
    assert read_distinct(body, "event_type") == DistinctValues([("sso_auth", 7), ("user_update", 2)], 3, 1)


def test_the_queried_field_comes_before_other_lists() -> None:
    body = json.dumps({"buckets": [], "event_type": BUCKETS, "more": []}).encode()
    assert len(read_distinct(body, "event_type").values) == 2


def test_values_of_other_types_become_text() -> None:
    buckets = [{"key": 1, "key_as_string": "true", "doc_count": 4}, {"key": 52.5, "doc_count": 1}]
    body = json.dumps({"buckets": buckets}).encode()
    assert read_distinct(body, "success") == DistinctValues([("true", 4), ("52.5", 1)], 0, 0)


@pytest.mark.parametrize("body", [*ODD_BODIES, b'{"a":[],"b":[]}', b'{"buckets":[{"key":"a"}]}', b'{"buckets":[1]}'])
def test_what_is_no_list_of_distinct_values_is_not_believed(body: bytes) -> None:
    with pytest.raises(Implausible):
        read_distinct(body, "event_type")


@pytest.mark.parametrize("name", ["buckets", "interval", "timestamp"])
def test_intervals_are_read_under_any_name(name: str) -> None:
    bucket = {"key": 1772323200000, "key_as_string": "2026-03-01T00:00:00.000Z", "doc_count": 5}
    assert read_intervals(json.dumps({name: [bucket]}).encode()) == [
        IntervalBucket(datetime(2026, 3, 1, tzinfo=UTC), 5)
    ]


@pytest.mark.parametrize("body", [*ODD_BODIES, b'{"buckets":[{"key":"a","doc_count":1}]}', b'{"b":[{"key":1e300}]}'])
def test_what_is_no_list_of_intervals_is_not_believed(body: bytes) -> None:
    with pytest.raises(Implausible):
        read_intervals(body)


def test_a_time_past_the_calendar_is_not_believed() -> None:
    with pytest.raises(Implausible):
        read_intervals(b'{"buckets":[{"key":99999999999999999,"doc_count":1}]}')
