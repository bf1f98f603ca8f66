"""What Dagster is told of a day, and how grave each thing is that can be wrong with one."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import msgspec
import pytest

from insights_pipeline.events import CorruptPage, NormalizedDay
from insights_pipeline.jumpcloud import Usage
from insights_pipeline.lake import DayKey, Lake, Manifest
from insights_pipeline.lake.manifest import State
from insights_pipeline.orchestration import raw_figures, typed_figures
from insights_pipeline_tests.warehouse.days import write_day

KEY = DayKey("self", "sso", date(2026, 3, 1))
RAW, EVENTS = (dg.AssetKey([area, KEY.service]) for area in ("raw", "events"))
KNOWN = frozenset({("sso", "sso_auth")})
PERSON = "ann@example.org"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


@pytest.fixture
def day(lake: Lake) -> NormalizedDay:
    event = {"id": "a" * 24, "timestamp": "2026-03-01T12:00:00Z", "event_type": "sso_auth", "username": PERSON}
    return write_day(lake, KEY, [event])


def verdicts(day: NormalizedDay) -> dict[str | None, dg.AssetCheckResult]:
    return {result.check_name: result for result in typed_figures.judge(EVENTS, [day], KNOWN)}


def manifest_in(lake: Lake, state: State) -> Manifest:
    manifest = lake.manifest(KEY)
    assert manifest is not None
    return msgspec.structs.replace(manifest, state=state)


def test_a_day_as_it_should_be_passes_and_tells_counts_without_people(lake: Lake, day: NormalizedDay) -> None:
    assert all(result.passed for result in verdicts(day).values())
    figures = typed_figures.figures_of([day]) | raw_figures.figures_of({KEY: manifest_in(lake, "complete")}, Usage())
    assert figures["dagster/partition_row_count"].value == 1
    assert figures["window"].value == "2026-03-01 00:00:00+00:00 to 2026-03-02 00:00:00+00:00"
    assert "| self | complete | 1 | 1 | 0 | 1 |" in str(figures["organizations"].value)
    assert "| sso_auth | 1 |" in str(figures["event_types"].value)
    assert PERSON not in str(figures)


def test_an_event_of_another_day_blocks_the_models(day: NormalizedDay) -> None:
    assert day.last_timestamp is not None
    found = verdicts(replace(day, last_timestamp=day.last_timestamp + timedelta(days=1)))[typed_figures.DAY_BOUNDS]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.ERROR
    blocking = {spec.name for spec in typed_figures.check_specs(EVENTS) if spec.blocking}
    assert blocking == {typed_figures.DAY_BOUNDS}


def test_what_has_no_place_warns_and_a_page_that_cannot_be_read_is_an_error(day: NormalizedDay) -> None:
    rejected = verdicts(replace(day, rejected=2, misfits={"mfa": 3}))[typed_figures.REJECTS_AND_MISFITS]
    assert not rejected.passed
    assert rejected.severity is dg.AssetCheckSeverity.WARN
    assert rejected.description == "2 rejected events, 3 values that don't fit"
    corrupt = verdicts(replace(day, corrupt_pages=(CorruptPage("x/0000.json.zst", "is gone"),)))
    assert corrupt[typed_figures.REJECTS_AND_MISFITS].severity is dg.AssetCheckSeverity.ERROR


def test_members_and_types_that_nobody_declared_warn(day: NormalizedDay) -> None:
    found = verdicts(replace(day, unknown_fields={"tier|x": 1}, event_types={"sso_seance": 1}))[
        typed_figures.SCHEMA_DRIFT
    ]
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.WARN
    table = str(found.metadata["differences"].value)
    assert "sso_seance" in table
    assert "tier\\|x" in table


@pytest.mark.parametrize(
    ("state", "passed", "severity"),
    [
        ("complete", True, dg.AssetCheckSeverity.WARN),
        ("open", True, dg.AssetCheckSeverity.WARN),
        ("over", False, dg.AssetCheckSeverity.WARN),
        ("short", False, dg.AssetCheckSeverity.ERROR),
        ("unverified", False, dg.AssetCheckSeverity.ERROR),
    ],
)
def test_a_day_that_lacks_events_is_an_error_and_one_that_has_more_than_counted_warns(
    lake: Lake, day: NormalizedDay, state: State, passed: bool, severity: dg.AssetCheckSeverity
) -> None:
    found = raw_figures.judge(RAW, {KEY: manifest_in(lake, state)}, [], KEY.day)
    assert (found.passed, found.severity) == (passed, severity)


def test_a_day_that_jumpcloud_has_deleted_is_no_longer_missed() -> None:
    assert not raw_figures.judge(RAW, {KEY: None}, [], KEY.day).passed
    assert raw_figures.judge(RAW, {KEY: None}, [], KEY.day + timedelta(days=1)).passed
