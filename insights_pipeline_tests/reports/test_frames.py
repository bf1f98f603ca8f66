"""`Insights` gives what the database holds, with the types that it promises, and reads only what is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insights_pipeline import Insights
from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline.reports.frames import Moment, end_instant, first_instant
from insights_pipeline.warehouse import WarehouseError
from insights_pipeline_tests.demo import Demo

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "python.md"
TABLES = {
    "authentications": "occurred_at",
    "admin_changes": "occurred_at",
    "admin_change_fields": "occurred_at",
    "old_api_key_attempts": "occurred_at",
    "old_api_key_sources": "last_seen",
    "coverage": "counted_at",
    "events": "timestamp",
}


@pytest.fixture
def insights(demo: Demo) -> Insights:
    return Insights(demo.home)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_comes_whole_with_proper_types(insights: Insights, table: str) -> None:
    frame = getattr(insights, table)()
    assert len(frame) == insights.query(f"select count(*) as n from {table}").n[0] > 0
    assert str(frame[TABLES[table]].dtype) == "datetime64[us, UTC]"
    assert str(frame["org"].dtype) == "category"
    assert not [name for name, kind in frame.dtypes.items() if kind == object]  # noqa: E721 (a dtype, no class)


def test_types_do_not_depend_on_there_being_rows(insights: Insights) -> None:
    full, empty = insights.authentications(), insights.authentications(from_="2999-01-01")
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]
    assert {str(full[name].dtype) for name in ("actor", "client_ip")} == {"string"}
    assert str(full["mfa_used"].dtype) == "boolean"
    assert str(insights.coverage()["expected_events"].dtype) == "Int64"


@pytest.mark.parametrize("table", ["authentications", "admin_changes", "events"])
def test_a_day_is_taken_whole_and_an_instant_exactly(insights: Insights, table: str) -> None:
    time = TABLES[table]
    frame = getattr(insights, table)(columns=[time])
    assert frame[time].is_monotonic_increasing
    day = frame[time].iloc[-1].date()
    of_day = getattr(insights, table)(from_=day, to=str(day), columns=[time])
    assert len(of_day) == (frame[time].dt.date == day).sum() > 0
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    halves = [getattr(insights, table)(from_=day, to=noon), getattr(insights, table)(from_=noon, to=day)]
    assert [len(half) > 0 for half in halves] == [True, True]
    assert sum(map(len, halves)) == len(of_day)


def test_rows_can_be_narrowed_to_a_service_and_an_organization(insights: Insights) -> None:
    assert set(insights.events(service="sso", columns=["event_service"]).event_service) == {"sso"}
    assert len(insights.coverage(org="nobody")) == 0
    assert insights.admin_changes(columns=["summary"]).columns.tolist() == ["summary"]


def test_structs_keep_their_members(insights: Insights) -> None:
    emails = insights.events(service="directory", columns=["initiated_by"]).initiated_by.struct.field("email")
    assert emails.str.endswith("@example.com").any()


@pytest.mark.parametrize(
    ("moment", "first", "end"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
        (date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-01T10:00", datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 8, tzinfo=UTC)),
        (
            datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=2))),
            datetime(2026, 3, 1, 8, tzinfo=UTC),
            datetime(2026, 3, 1, 8, tzinfo=UTC),
        ),
        (pd.Timestamp("2026-03-01 10:00"), datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_times_are_taken_as_utc_unless_they_say_otherwise(moment: Moment, first: datetime, end: datetime) -> None:
    assert first_instant(moment) == first
    assert end_instant(moment) == end


def test_what_is_wrong_is_told(insights: Insights, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'yesterday' is neither a day nor an instant"):
        insights.events(from_="yesterday")
    with pytest.raises(WarehouseError, match="insights run"):
        Insights(tmp_path).coverage()
    with pytest.raises(WarehouseError, match="can't be answered"):
        insights.coverage(columns=['state" from coverage; --'])
    with pytest.raises(WarehouseError, match="read-only"):
        insights.query("drop table coverage")


def test_the_documented_code_runs_as_it_stands(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(demo.home))
    monkeypatch.setenv("JUMPCLOUD_API_KEY", DEMO_API_KEY)
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENTATION.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"__name__": "documentation"}
    today = datetime.now(UTC).date()
    # Enough that some fail on each day: with 200 a day there are days on which all succeed.
    with serve(Tenant.invented(seed=7, last_day=today, days=3, events_per_day=1000)) as emulator:
        monkeypatch.setenv("JUMPCLOUD_API_URL", emulator.url)
        for block in blocks:
            exec(compile(block, str(DOCUMENTATION), "exec"), names)
    assert names["by_address"].iloc[0] == 140
    assert len(names["weakening"]) > 0
    assert names["users"].notna().all()
    assert names["daily"].attempts.sum() == len(names["failures"]) > 0
    assert set(names["held"].state) == {"complete", "missing"}
    assert len(names["not_proven"]) == (names["held"].state == "missing").sum()
    assert names["failed_events"].total() > 0
    assert names["first_pages"].keys() == {"directory", "sso"}
    assert "no_such_service may not be read" in capsys.readouterr().out


def test_the_documentation_names_every_method() -> None:
    text = DOCUMENTATION.read_text()
    methods: list[Callable[..., object]] = [
        method for name, method in vars(Insights).items() if callable(method) and not name.startswith("_")
    ]
    assert [method.__name__ for method in methods if f"| `{method.__name__}` |" not in text] == []
