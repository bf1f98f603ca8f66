"""Freshness and proof by what is held, whatever ran last; sensors see the same days."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pytest

from insights_pipeline.events import normalized
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.alerts import Alerts, NotDelivered
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.sensors import at_risk, build_sensors, drift
from insights_pipeline.orchestration.standing_checks import judge
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline.warehouse import published_file
from insights_pipeline_tests.orchestration.test_alerts import webhook
from insights_pipeline_tests.warehouse.days import write_day

FIRST = date(2026, 3, 1)
# Five in the morning: the second of March is due since four, having closed with a settle time of nothing.
NOW = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
EVENT = {
    "id": "aaaaaaaaaaaaaaaaaaaaaaaa",
    "timestamp": "2026-03-01T12:00:00Z",
    "service": "sso",
    "event_type": "sso_auth",
}


def pipeline_in(home: Path, **others: Any) -> Pipeline:
    values: dict[str, Any] = {"INSIGHTS_SETTLE_MINUTES": 0, "INSIGHTS_START_DATE": FIRST.isoformat(), **others}
    settings = IsolatedSettings(INSIGHTS_HOME=home, **values)
    return Pipeline(settings, ("sso", "ldap"), clock=lambda: NOW)


def hold(pipeline: Pipeline, service: str, days: Sequence[date]) -> None:
    for day in days:
        timestamp = f"{day}T12:00:00Z"
        write_day(pipeline.lake, DayKey("self", service, day), [EVENT | {"timestamp": timestamp, "service": service}])


def verdicts(pipeline: Pipeline) -> dict[tuple[str, str], dg.AssetCheckResult]:
    results = list(judge(pipeline))
    return {("/".join(result.asset_key.path), str(result.check_name)): result for result in results if result.asset_key}


def test_a_service_is_fresh_by_its_newest_closed_day_not_by_what_ran_last(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    hold(pipeline, "sso", [FIRST, FIRST + timedelta(days=1)])
    # A backfill of an older day comes last.
    hold(pipeline, "ldap", [FIRST])
    found = verdicts(pipeline)
    assert found["raw/sso", "fresh"].passed
    assert not found["raw/ldap", "fresh"].passed
    assert found["raw/ldap", "fresh"].severity is dg.AssetCheckSeverity.ERROR
    assert "2026-03-02" in str(found["raw/ldap", "fresh"].description)


def test_a_day_that_was_counted_only_while_it_was_open_is_not_fresh(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    key = DayKey("self", "sso", FIRST + timedelta(days=1))
    hold(pipeline, "sso", [key.day])
    manifest = pipeline.lake.manifest(key)
    assert manifest is not None
    pipeline.lake.write_manifest(msgspec.structs.replace(manifest, state="open"))
    assert not verdicts(pipeline)["raw/sso", "fresh"].passed


def test_a_day_without_proof_warns_and_is_an_error_once_it_is_about_to_be_deleted(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    hold(pipeline, "sso", [FIRST + timedelta(days=1)])
    hold(pipeline, "ldap", [FIRST, FIRST + timedelta(days=1)])
    found = verdicts(pipeline)
    assert found["raw/sso", "retention_proven"].severity is dg.AssetCheckSeverity.WARN
    assert not found["raw/sso", "retention_proven"].passed
    # Today, which nobody has asked for yet, is not a day to prove.
    assert found["raw/ldap", "retention_proven"].passed
    later = replace(pipeline, clock=lambda: datetime(2026, 5, 20, 5, tzinfo=UTC))
    late = verdicts(later)["raw/sso", "retention_proven"]
    assert late.severity is dg.AssetCheckSeverity.ERROR
    assert "2026-05-30" in str(late.description)


def test_the_published_database_is_fresh_by_its_own_time(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    assert not verdicts(pipeline)["insights_duckdb", "fresh"].passed
    published = published_file(tmp_path)
    published.write_bytes(b"")
    for hours, passed in ((3, True), (30, False)):
        at = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(published, (at, at))
        assert verdicts(pipeline)["insights_duckdb", "fresh"].passed is passed


@pytest.mark.parametrize(
    ("services", "others", "passed"),
    [("", {"pam": 2}, False), ("sso,ldap", {"radius": 2}, True), ("sso,ldap", {"pam": 2}, False)],
    ids=["a service unknown to everybody", "one that was left out by choice", "unknown beside a choice"],
)
def test_events_that_nobody_asked_for_warn_unless_that_is_a_choice(
    tmp_path: Path, services: str, others: dict[str, int], passed: bool
) -> None:
    pipeline = pipeline_in(tmp_path, INSIGHTS_SERVICES=services)
    unasked = {"org": "self", "date": "2026-03-01", "compared_at": NOW, "all_events": 5, "asked_events": 3}
    pipeline.lake.write(
        "raw/org=self/unasked/date=2026-03-01.json", msgspec.json.encode(unasked | {"services": others})
    )
    found = verdicts(pipeline)["coverage", "services_add_up"]
    assert found.passed is passed
    assert found.severity is dg.AssetCheckSeverity.WARN


def test_a_sensor_tells_a_finding_once_and_again_only_if_the_message_was_not_taken(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    hold(pipeline, "sso", [FIRST + timedelta(days=1)])
    with webhook() as (url, received):
        pipeline = pipeline_in(tmp_path, INSIGHTS_ALERT_URLS=url)
        (sensor, *_) = build_sensors(pipeline, Alerts(pipeline.settings))
        with dg.DagsterInstance.ephemeral() as instance:
            first = sensor.evaluate_tick(dg.build_sensor_context(instance))
            second = sensor.evaluate_tick(dg.build_sensor_context(instance, cursor=first.cursor))
    assert len(received) == 1
    assert "2026-03-02 was not counted since it closed: ldap." in received[0]["message"]
    assert "Nothing new" in str(second.skip_message)
    # Nobody listens at that address any more: the tick fails, and its cursor is not kept.
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(NotDelivered):
        sensor.evaluate_tick(dg.build_sensor_context(instance))


def test_without_an_address_nothing_counts_as_told(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    (sensor, *_) = build_sensors(pipeline, Alerts(pipeline.settings))
    with dg.DagsterInstance.ephemeral() as instance:
        tick = sensor.evaluate_tick(dg.build_sensor_context(instance))
    assert "INSIGHTS_ALERT_URLS is empty" in str(tick.skip_message)
    assert not tick.cursor
    assert list(at_risk(pipeline))


def test_drift_is_found_in_what_was_normalized_before(tmp_path: Path) -> None:
    pipeline = pipeline_in(tmp_path)
    key = DayKey("self", "sso", FIRST)
    write_day(pipeline.lake, key, [EVENT | {"event_type": "sso_seance", "crystal_ball": True}])
    list(normalized(pipeline.lake, [key]))
    assert {found.key for found in drift(pipeline)} == {"sso:field:crystal_ball", "sso:event_type:sso_seance"}
