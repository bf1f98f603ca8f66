"""What a reader chose becomes a condition in which nothing that was typed is SQL."""

from datetime import UTC, date, datetime

import pytest

from insights_pipeline.reports.filters import UNKNOWN_COUNTRY, Condition, Field, Filters, condition

COLUMNS: dict[Field, str] = {
    "time": "occurred_at",
    "day": "event_date",
    "service": "service",
    "actor": "actor",
    "country": "country_code",
}


def test_no_filter_lets_everything_through() -> None:
    assert condition(Filters(), COLUMNS) == Condition("true")


def test_a_day_that_ends_at_midnight_is_left_out() -> None:
    filters = Filters(start=datetime(2026, 3, 1, 12, tzinfo=UTC), end=datetime(2026, 3, 3, tzinfo=UTC))
    asked = condition(filters, COLUMNS)
    assert asked.sql == "event_date >= ? and occurred_at >= ? and event_date <= ? and occurred_at < ?"
    assert asked.parameters == (date(2026, 3, 1), filters.start, date(2026, 3, 2), filters.end)


@pytest.mark.parametrize("typed", ["o'hara", "%", "'; drop table authentications; --", "  padded  "])
def test_what_was_typed_is_a_parameter_and_never_sql(typed: str) -> None:
    asked = condition(Filters(actor=typed, services=(typed, "sso")), COLUMNS)
    assert asked.sql == "(service in (?, ?)) and contains(lower(actor), lower(?))"
    assert asked.parameters == (typed, "sso", typed.strip())


def test_rows_of_an_unknown_country_can_be_asked_for() -> None:
    asked = condition(Filters(countries=("US", UNKNOWN_COUNTRY)), COLUMNS)
    assert asked == Condition("(country_code in (?) or country_code is null)", ("US",))
    assert condition(Filters(countries=(UNKNOWN_COUNTRY,)), COLUMNS) == Condition("(country_code is null)")


def test_a_filter_that_the_rows_say_nothing_of_is_left_out() -> None:
    assert condition(Filters(outcomes=("failure",), orgs=("one",)), COLUMNS) == Condition("true")
