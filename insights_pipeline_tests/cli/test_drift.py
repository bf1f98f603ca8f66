"""`insights drift`: what it says of days that have undeclared fields, types and values, and that it shows no value."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from insights_pipeline.events import normalized
from insights_pipeline.lake import Lake
from insights_pipeline_tests.cli.conftest import Insights
from insights_pipeline_tests.events.raw_days import DAY, key_of, land

NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def lake(home: Path) -> Lake:
    """Two days of directory, the second with two events of a new kind."""
    lake = Lake(home / "lake")
    known = {"event_type": "user_create", "resource": {"id": "r"}}
    new = {"event_type": "badge_printed", "resource": {"colour": "secret red"}, "success": "secret yes"}
    for day, events in ((DAY, [known]), (NEXT_DAY, [known, new, new])):
        page = [{"id": str(n), "timestamp": f"{day}T12:00:0{n}Z", **event} for n, event in enumerate(events)]
        land(lake, key_of("directory", day), page)
        list(normalized(lake, [key_of("directory", day)]))
    return lake


def test_each_difference_is_told_with_since_when_how_often_and_where(insights: Insights, lake: Lake) -> None:
    ended = insights("drift", "--json")
    told = {(row["kind"], row["name"]): row for row in map(json.loads, ended.out.splitlines())}
    assert set(told) == {("field", "resource.colour"), ("event_type", "badge_printed"), ("misfit", "success")}
    for row in told.values():
        assert (row["service"], row["since"], row["days"], row["events"]) == ("directory", str(NEXT_DAY), 1, 2)
        assert lake.size(row["example"]) is not None
    assert ended.code == 0


def test_no_value_is_shown(insights: Insights, lake: Lake) -> None:
    ended = insights("drift")
    assert "resource.colour" in ended.out
    assert "secret" not in ended.out + ended.err


def test_days_and_services_that_were_not_asked_for_are_left_out(insights: Insights, lake: Lake) -> None:
    assert insights("drift", "--json", "--to", str(DAY)).out == ""
    assert insights("drift", "--json", "--service", "sso").out == ""
    assert "every field, type and value is as declared" in insights("drift", "--to", str(DAY)).out


def test_where_nothing_is_held_it_says_so(insights: Insights) -> None:
    assert insights("drift").out == "Nothing is held yet: `insights run` collects.\n"
