"""Queries check themselves and say what goes into the request body."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud import EventQuery, SearchTerm, format_time

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=1)

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
milliseconds = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=offsets).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


def test_a_query_says_only_what_was_asked() -> None:
    assert EventQuery("sso", START).page_body() == {
        "service": ["sso"],
        "start_time": "2026-03-01T00:00:00.000Z",
        "limit": 10_000,
        "sort": "ASC",
    }


def test_a_full_query_carries_every_field_of_the_specification() -> None:
    query = EventQuery(
        ("sso", "radius"),
        START,
        END,
        limit=7,
        sort="DESC",
        fields=("id", "geoip.country_code"),
        search_term=SearchTerm.none_of({"client_ip": ["192.0.2.1", "192.0.2.2"]}),
        q="vpn",
        search_after=(1576181718000, "DZrPyW8BNsa9iKWoOm7h"),
    )
    assert query.page_body() == {
        "service": ["sso", "radius"],
        "start_time": "2026-03-01T00:00:00.000Z",
        "end_time": "2026-03-02T00:00:00.000Z",
        "limit": 7,
        "sort": "DESC",
        "fields": ["id", "geoip.country_code"],
        "search_term": {"not": [{"client_ip": ["192.0.2.1", "192.0.2.2"]}]},
        "q": "vpn",
        "search_after": [1576181718000, "DZrPyW8BNsa9iKWoOm7h"],
    }


def test_what_only_pages_need_stays_out_of_the_filter() -> None:
    query = EventQuery("sso", START, END, fields=("id",), exact_match="x", search_after=(1, "a"))
    assert query.filter_body().keys() == {"service", "start_time", "end_time", "exact_match"}


@given(milliseconds)
def test_times_go_out_in_utc_with_milliseconds_and_z_and_mean_the_same_instant(moment: datetime) -> None:
    text = EventQuery("sso", moment).filter_body()["start_time"]
    assert len(text) == len("2026-03-01T00:00:00.000Z")
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == moment


@given(milliseconds, milliseconds)
def test_the_order_of_formatted_times_is_the_order_of_the_instants(one: datetime, other: datetime) -> None:
    assert (format_time(one) < format_time(other)) == (one < other)


@given(milliseconds)
def test_equal_instants_make_equal_queries(moment: datetime) -> None:
    query = EventQuery(("sso",), moment)
    assert query == EventQuery("sso", moment.astimezone(UTC))
    assert query.start.tzinfo is UTC


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"start": datetime(2026, 3, 1)}, "start needs a time zone"),  # noqa: DTZ001
        ({"end": datetime(2026, 3, 2)}, "end needs a time zone"),  # noqa: DTZ001
        ({"start": START + timedelta(microseconds=1)}, "start must be in whole milliseconds"),
        ({"end": END + timedelta(microseconds=999)}, "end must be in whole milliseconds"),
        ({"end": START}, "end must be later"),
        ({"end": START - timedelta(days=1)}, "end must be later"),
        ({"service": ()}, "at least one service"),
        ({"service": ""}, "at least one service"),
        ({"service": ("all", "sso")}, "'all' stands alone"),
        ({"limit": 0}, "limit must be from 1 to 10000"),
        ({"limit": 10_001}, "limit must be from 1 to 10000"),
        ({"sort": "-timestamp"}, "sort must be ASC or DESC"),
        ({"q": "a", "exact_match": "b"}, "either q or exact_match"),
    ],
)
def test_what_jumpcloud_would_refuse_or_misread_is_refused_before_it_is_sent(
    wrong: dict[str, Any], sentence: str
) -> None:
    fields: dict[str, Any] = {"service": "sso", "start": START, "end": END}
    with pytest.raises(ValueError, match=sentence):
        EventQuery(**fields | wrong)


def test_a_query_in_words_names_services_and_window_and_nothing_searched_for() -> None:
    query = EventQuery(("sso", "ldap"), START, q="ada@example.com", search_term=SearchTerm.all_of({"username": "ada"}))
    assert query.asked == "sso+ldap from 2026-03-01T00:00:00.000Z to now"


def test_a_search_term_may_hold_another() -> None:
    paul = SearchTerm.any_of({"initiated_by.username": "Paul", "username": "paul"})
    assert SearchTerm.all_of({"success": False}, paul).to_json() == {
        "and": [{"success": False}, {"or": [{"initiated_by.username": "paul"}, {"username": "paul"}]}]
    }


values = st.one_of(st.text(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
names = st.text(min_size=1).filter(lambda name: name.split(".")[0] not in {"changes", "useragent", "system_timestamp"})


@given(st.dictionaries(names, st.one_of(values, st.lists(values, min_size=1)), min_size=1))
def test_any_search_term_is_json_of_one_field_objects_in_lower_case(fields: dict[str, Any]) -> None:
    conditions = json.loads(json.dumps(SearchTerm.any_of(fields).to_json()))["or"]
    assert [list(condition) for condition in conditions] == [[name] for name in fields]
    for condition in conditions:
        for value in condition.values():
            for single in value if isinstance(value, list) else [value]:
                assert not isinstance(single, str) or single == single.lower()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "at least one field"),
        ({"username": []}, "at least one value"),
        ({"": "x"}, "needs a name"),
        ({"changes": "x"}, "cannot search by 'changes'"),
        ({"useragent.os": "x"}, "cannot search by 'useragent.os'"),
    ],
)
def test_a_search_that_cannot_be_made_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SearchTerm.all_of(fields)


def test_a_field_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="each field once"):
        SearchTerm("or", (("username", ("a",)), ("username", ("b",))))
