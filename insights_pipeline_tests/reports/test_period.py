"""Which days a report covers, and what its charts count by."""

from datetime import date, timedelta

import pytest

from insights_pipeline.reports import ReportError
from insights_pipeline.reports.period import MOST_BUCKETS, Known, Period, period_of

FIRST, LAST = date(2026, 8, 27), date(2026, 11, 24)


def known(**days: date | None) -> Known:
    fetched: dict[str, date | None] = {
        "first_fetched": FIRST,
        "last_fetched": LAST,
        "last_closed": LAST - timedelta(days=1),
    }
    return Known(**{"first_day": FIRST, "last_day": LAST} | fetched | days)


def test_the_default_is_thirty_days_that_end_with_the_last_day_that_is_over() -> None:
    assert period_of(None, None, known()) == Period(date(2026, 10, 25), date(2026, 11, 23))


def test_it_begins_no_earlier_than_the_first_day_that_was_fetched() -> None:
    assert period_of(None, None, known(first_fetched=date(2026, 11, 18))).first == date(2026, 11, 18)


def test_without_a_day_that_is_over_it_ends_with_the_last_one_that_was_fetched() -> None:
    only_today = known(first_fetched=LAST, last_closed=None)
    assert period_of(None, None, only_today) == Period(LAST, LAST)


def test_days_that_are_named_are_taken_even_if_they_are_open() -> None:
    assert period_of(FIRST, LAST, known()) == Period(FIRST, LAST)
    assert period_of(LAST, None, known()) == Period(LAST, LAST)


def test_a_database_of_which_nothing_was_fetched_is_reported_as_such() -> None:
    nothing = known(first_fetched=None, last_fetched=None, last_closed=None)
    assert period_of(None, None, nothing) == Period(date(2026, 10, 26), LAST)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 3), date(2026, 11, 1), "2026-11-03 is after --to 2026-11-01"),
        (date(2020, 1, 1), None, "--from 2020-01-01 is outside"),
        (None, date(2027, 1, 1), "--to 2027-01-01 is outside"),
    ],
)
def test_days_that_make_no_period_are_refused(first: date | None, last: date | None, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        period_of(first, last, known())


def test_a_database_without_a_day_is_refused() -> None:
    with pytest.raises(ReportError, match="covers no day"):
        period_of(None, None, Known(None, None, None, None, None))


@pytest.mark.parametrize(("days", "step"), [(1, "day"), (62, "day"), (63, "week"), (434, "week"), (435, "month")])
def test_a_chart_counts_by_what_it_has_room_for(days: int, step: str) -> None:
    period = Period(FIRST, FIRST + timedelta(days=days - 1))
    assert period.step == step
    # A week or month may begin before the period does.
    assert 1 <= len(period.buckets()) <= MOST_BUCKETS + 1


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    assert Period(date(2026, 1, 1), date(2026, 4, 1)).buckets()[:2] == [date(2025, 12, 29), date(2026, 1, 5)]
    assert Period(date(2025, 1, 15), date(2026, 4, 1)).buckets()[:2] == [date(2025, 1, 1), date(2025, 2, 1)]
