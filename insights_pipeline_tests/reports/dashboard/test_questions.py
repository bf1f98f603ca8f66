"""The page's questions, asked of what the demo published: filters narrow alike wherever they are counted or listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from insights_pipeline.reports.dashboard import questions
from insights_pipeline.reports.dashboard.questions import Question
from insights_pipeline.reports.dashboard.views import EVENT_LISTS, TITLES
from insights_pipeline.reports.filters import Filters
from insights_pipeline.warehouse import query
from insights_pipeline_tests.demo import Demo

FILTERS = {
    "anything": Filters(),
    "a person": Filters(actor="VERA.kumar"),
    "failures abroad": Filters(outcomes=("failure",), countries=("MD",)),
    "no country": Filters(countries=("",)),
    "two services": Filters(services=("directory", "sso"), orgs=("self",)),
    "nothing": Filters(actor="100%_nobody"),
}


def ask(demo: Demo, question: Question) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = query(demo.home, question.sql, question.parameters).to_pylist()
    return rows


def list_rows(demo: Demo, view: str, filters: Filters, limit: int) -> tuple[int, list[dict[str, Any]]]:
    shown = EVENT_LISTS[view]
    over_time = ask(demo, questions.over_time(shown, filters))
    by_day = questions.day_totals((row["day"], row["rows"]) for row in over_time)
    return sum(by_day.values()), ask(demo, questions.newest(shown, filters, by_day, limit))


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("view", EVENT_LISTS)
def test_the_list_is_the_newest_of_what_the_chart_counts(demo: Demo, view: str, filters: Filters) -> None:
    total, rows = list_rows(demo, view, filters, 50)
    assert len(rows) == min(total, 50)
    whole_total, whole = list_rows(demo, view, filters, 1_000_000)
    assert len(whole) == whole_total == total
    assert [row["event_id"] for row in rows] == [row["event_id"] for row in whole[:50]]
    times = [row["occurred_at"] for row in whole]
    assert times == sorted(times, reverse=True)
    if EVENT_LISTS[view].figures:
        (figures,) = ask(demo, questions.figures(EVENT_LISTS[view], filters))
        assert next(iter(figures.values())) == total


def test_filters_hold_for_every_row_of_every_list(demo: Demo) -> None:
    _, sprayed = list_rows(demo, "authentications", FILTERS["failures abroad"], 1_000)
    assert len(sprayed) > 200
    assert {(row["outcome"], row["country_code"]) for row in sprayed} == {("failure", "MD")}
    _, activity = list_rows(demo, "activity", FILTERS["a person"], 1_000)
    assert {row["actor"] for row in activity} == {"vera.kumar.admin1@example.com"}
    assert list_rows(demo, "activity", FILTERS["nothing"], 10) == (0, [])


def test_hours_of_a_few_days_and_days_of_more_are_told_apart() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert questions.bucket_of(Filters(start=start, end=start + timedelta(days=3))) == "hour"
    assert questions.bucket_of(Filters(start=start, end=start + timedelta(days=4))) == "day"
    assert questions.bucket_of(Filters(start=start)) == "day"


def test_an_hour_in_the_middle_of_a_day_can_be_asked_for(demo: Demo) -> None:
    _, (newest, *_) = list_rows(demo, "activity", Filters(), 1)
    hour = newest["occurred_at"].replace(minute=0, second=0, microsecond=0)
    filters = Filters(start=hour, end=hour + timedelta(hours=1))
    total, rows = list_rows(demo, "activity", filters, 1_000)
    assert 0 < total == len(rows)
    assert all(hour <= row["occurred_at"] < hour + timedelta(hours=1) for row in rows)
    assert {row["at"] for row in ask(demo, questions.over_time(EVENT_LISTS["activity"], filters))} == {hour}


def test_every_event_is_told_in_a_sentence_and_given_whole(demo: Demo) -> None:
    _, rows = list_rows(demo, "activity", Filters(), 1_000_000)
    assert [row for row in rows if not row["summary"]] == []
    change = next(row for row in rows if "user group" in row["summary"])
    key = tuple(change[name] for name in ("org", "service", "event_date", "event_id"))
    (event,) = ask(demo, questions.whole_event(*key))
    assert change["event_id"] in event["event"]
    changed = [row for row in rows if row["event_type"] == "organization_update"]
    fields = [
        ask(demo, questions.changed_fields(*(row[name] for name in ("org", "service", "event_date", "event_id"))))
        for row in changed
    ]
    assert any(field["label"] for event_fields in fields for field in event_fields)


def test_callers_are_those_of_the_time_asked_for(demo: Demo) -> None:
    callers = ask(demo, questions.callers(Filters()))
    assert len(callers) == 4
    assert ask(demo, questions.callers(Filters(start=callers[0]["last_seen"] + timedelta(days=9)))) == []
    latest = max(caller["last_seen"] for caller in callers)
    assert 0 < len(ask(demo, questions.callers(Filters(start=latest)))) < 4
    assert sum(row["callers"] for row in ask(demo, questions.burndown(Filters()))) > 0


def test_coverage_names_what_is_not_complete_first(demo: Demo) -> None:
    days = ask(demo, questions.coverage_days(Filters(), 1_000_000))
    states = {row["state"]: row["days"] for row in ask(demo, questions.coverage_states(Filters()))}
    assert states["complete"] == 112
    assert len(days) == sum(states.values())
    assert {day["state"] for day in days[-112:]} == {"complete"}
    sso = ask(demo, questions.coverage_calendar(Filters(services=("sso",))))
    assert {row["service"] for row in sso} == {"sso"}
    assert sum(row["held_events"] for row in sso) > 0


def test_choices_are_what_there_is(demo: Demo) -> None:
    (choices,) = ask(demo, questions.choices())
    assert choices["orgs"] == ["self"]
    assert len(choices["services"]) == 16
    assert "MD" in choices["countries"]
    assert "admin_old_api_key_attempt" in choices["event_types"]
    assert list(TITLES) == [*EVENT_LISTS, "coverage"]
