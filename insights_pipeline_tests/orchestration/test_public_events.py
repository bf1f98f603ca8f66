"""Events that were published somewhere go the whole way: emulator, collector, Parquet, models, published database."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from insights_pipeline.emulator import Tenant, serve
from insights_pipeline.orchestration.resources import pipeline_of
from insights_pipeline.orchestration.run import RunReport, run_pipeline
from insights_pipeline.settings import IsolatedSettings

SERVICES = ("directory", "sso", "radius")


@pytest.fixture(scope="module")
def lines(public_event_files: list[Path]) -> list[str]:
    return [line for file in public_event_files for line in file.read_text().splitlines() if line.strip()]


@pytest.fixture(scope="module")
def run(
    public_event_files: list[Path],
    lines: list[str],
    emulator_settings: Callable[..., IsolatedSettings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RunReport, duckdb.DuckDBPyConnection]]:
    home = tmp_path_factory.mktemp("home")
    days = sorted({datetime.fromisoformat(json.loads(line)["timestamp"]).date() for line in lines})
    with serve(Tenant.from_files(public_event_files)) as emulator:
        settings = emulator_settings(
            emulator.url, home, INSIGHTS_SERVICES=",".join(SERVICES), INSIGHTS_RETENTION_DAYS=3650
        )
        report = run_pipeline(pipeline_of(settings), SERVICES, days, named=True)
    assert report.faults == []
    with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as connection:
        yield report, connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.sql(sql).fetchall()


def test_every_day_is_complete_although_two_events_share_an_id(
    run: tuple[RunReport, duckdb.DuckDBPyConnection], lines: list[str]
) -> None:
    report, connection = run
    assert {day.state for day in report.coverage} == {"complete"}
    assert rows(connection, "select sum(held_events) from coverage") == [(len(lines),)]


def test_each_event_is_there_once_and_its_json_unchanged(
    run: tuple[RunReport, duckdb.DuckDBPyConnection], lines: list[str]
) -> None:
    _, connection = run
    held = [event for (event,) in rows(connection, "select event from events")]
    ids = {json.loads(line)["id"] for line in lines}
    assert len(held) == len(ids)
    assert {json.loads(event)["id"] for event in held} == ids
    assert set(held) <= set(lines)


def test_sign_ins_have_the_outcome_that_their_service_tells(run: tuple[RunReport, duckdb.DuckDBPyConnection]) -> None:
    _, connection = run
    told = {
        row[0]: row[1:]
        for row in rows(connection, "select event_id, channel, outcome, actor, failure_reason from authentications")
    }
    assert told["648c6c758c2ac07fa1fdee94"] == ("admin_portal", "success", "john.doe@sekoia.io", None)
    assert told["648b1e56c0b7fd51eb1d0938"] == ("sso", "failure", "jane.doe", "application unreachable")
    assert told["648b24c48eae32f4adabc27e"][:3] == ("sso", "failure", "john.doe")
    assert told["648b16171f40f190e2945fc1"][:3] == ("sso", "success", "john.doe")
    assert told["E5223E70-F3DB-3CB4-B452-96FC2259B9EE"][:3] == ("radius", "failure", "john.doe")
    assert told["842B7B84-FE16-32AF-B257-9D508FB22D22"][:3] == ("radius", "success", "jane.doe")
    # Of 2019, without a service and an event type: told by its shape.
    assert told["ED0ED2C3-0524-3263-BE5B-68C02B70986E"][:3] == ("radius", "success", "zezeye21")
    # Of 2020: names the administrator as resource.
    assert told["5e95d60b05e8907888c4e009"][:3] == ("admin_portal", "success", "jane.doe@gmail.com")


def test_changes_say_who_changed_what(run: tuple[RunReport, duckdb.DuckDBPyConnection]) -> None:
    _, connection = run
    changes = {
        row[0]: row[1:]
        for row in rows(connection, "select event_id, action, object_type, object_name, actor from admin_changes")
    }
    assert changes["64930a6d00466f31842811a1"][0] == "associate"
    assert changes["6490f0f5a2d539837a30aaad"] == ("update", "user", "jane.doe", "maurice.moss@sekoia.io")
    assert changes["aaaaaaaaaaaaaaaaaaaaa"][0] == "delete"
    suspended = rows(
        connection,
        "select old_value, new_value from admin_change_fields "
        "where event_id = '64908c2ef675033f5a7a5e1e' and field = 'suspended'",
    )
    assert suspended == [("false", "true")]


def test_times_are_in_utc_to_the_microsecond(run: tuple[RunReport, duckdb.DuckDBPyConnection]) -> None:
    _, connection = run
    connection.execute("set TimeZone = 'UTC'")
    found = rows(
        connection, "select timestamp::varchar, timestamp_text, date from events where id = '648b24c48eae32f4adabc27e'"
    )
    assert found == [("2023-06-15 14:48:36.49542+00", "2023-06-15T14:48:36.495420839Z", date(2023, 6, 15))]
