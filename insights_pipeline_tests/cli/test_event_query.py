"""What options mean to the API: days and instants, conditions, services."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.cli.event_query import end_instant, first_instant, query_of, search_term, window_of
from insights_pipeline.collector.window import Window
from insights_pipeline.settings import IsolatedSettings

NOW = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)
SETTINGS = IsolatedSettings(INSIGHTS_HOME=Path("nowhere"))


def utc(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2026-11-01", utc(1), utc(2)),
        ("2026-11-01T10:00", utc(1, 10), utc(1, 10)),
        ("2026-11-01 10:00", utc(1, 10), utc(1, 10)),
        ("2026-11-01T10:00:00Z", utc(1, 10), utc(1, 10)),
        (
            "2026-11-01T10:00:00.250Z",
            utc(1, 10) + timedelta(milliseconds=250),
            utc(1, 10) + timedelta(milliseconds=250),
        ),
        ("2026-11-01T01:30+02:00", utc(1) - timedelta(minutes=30), utc(1) - timedelta(minutes=30)),
    ],
)
def test_a_day_is_included_as_a_whole_and_an_instant_is_where_to_stop(
    text: str, first: datetime, end: datetime
) -> None:
    assert (first_instant(text), end_instant(text)) == (first, end)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-11-01T25:00", "0001-01-01T00:00+01:00", ""])
def test_what_is_no_time_is_refused_with_the_way_to_write_one(text: str) -> None:
    with pytest.raises(UsageMistake, match="2026-11-01T10:00"):
        first_instant(text)


def test_an_instant_finer_than_milliseconds_is_refused() -> None:
    with pytest.raises(UsageMistake, match="milliseconds"):
        end_instant("2026-11-01T10:00:00.000001Z")


def test_a_window_ends_now_at_the_latest_in_whole_seconds() -> None:
    now = NOW.replace(microsecond=0)
    assert window_of(utc(20), None, SETTINGS, NOW) == Window(utc(20), now)
    assert window_of(utc(20), utc(21), SETTINGS, NOW) == Window(utc(20), now)
    assert window_of(utc(19), utc(20), SETTINGS, NOW) == Window(utc(19), utc(20))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (utc(3), utc(2), "not before --to"),
        (utc(3), utc(3), "not before --to"),
        (utc(21), None, "in the future"),
        (utc(1) - timedelta(days=200), utc(1) - timedelta(days=199), "insights query"),
    ],
)
def test_a_window_that_can_hold_nothing_is_refused(start: datetime, end: datetime | None, said: str) -> None:
    with pytest.raises(UsageMistake, match=said):
        window_of(start, end, SETTINGS, NOW)


def test_conditions_on_several_fields_narrow_and_on_one_field_widen() -> None:
    term = search_term(["success=false", "event_type=sso_auth", "event_type=radius_auth", "geoip.country_code=FR"])
    assert term is not None
    assert term.to_json() == {
        "and": [{"success": False}, {"event_type": ["sso_auth", "radius_auth"]}, {"geoip.country_code": "fr"}]
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("17", 17),
        ("-0.5", -0.5),
        ('"17"', "17"),
        ('""', ""),
        ("007", "007"),
        ("1e999", "1e999"),
        ("NaN", "nan"),
        ("null", "null"),
        ("[1]", "[1]"),
        ("a=b", "a=b"),
    ],
)
def test_booleans_and_numbers_are_sent_as_such_and_anything_else_as_text(text: str, value: object) -> None:
    term = search_term([f"field={text}"])
    assert term is not None
    (condition,) = term.to_json()["and"]
    assert condition == {"field": value}
    assert type(condition["field"]) is type(value)


@pytest.mark.parametrize("condition", ["success", "=false", "username="])
def test_what_is_no_condition_is_refused(condition: str) -> None:
    with pytest.raises(UsageMistake, match="success=false"):
        search_term([condition])


@pytest.mark.parametrize("field", ["changes", "changes.field", "useragent.os", "system_timestamp"])
def test_a_field_that_jumpcloud_cannot_search_by_is_refused_with_the_remedy(field: str) -> None:
    with pytest.raises(UsageMistake, match="fetch the events and filter them"):
        query_of(["directory"], Window(utc(1), utc(2)), [f"{field}=x"])


def test_services_may_be_repeated_and_listed_but_not_beside_all() -> None:
    window = Window(utc(1), utc(2))
    assert query_of(["sso,ldap", "radius", "sso"], window, []).services == ("sso", "ldap", "radius")
    with pytest.raises(UsageMistake, match="stands alone"):
        query_of(["all,sso"], window, [])
    with pytest.raises(UsageMistake, match="at least one service"):
        query_of([" , "], window, [])
