"""Several runs share the work by organization: each collects and normalizes its own, and each judges all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.partitions import daily_partitions
from insights_pipeline.orchestration.raw import build_raw_assets
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.orchestration.typed import build_events_assets
from insights_pipeline.settings import IsolatedSettings

DAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    tenant = Tenant.invented(seed=5, last_day=DAY, days=1, events_per_day=100, organizations=2)
    with serve(tenant, clock=lambda: NOW) as emulator:
        settings = IsolatedSettings(
            JUMPCLOUD_API_URL=emulator.url,
            JUMPCLOUD_API_KEY=DEMO_API_KEY,
            JUMPCLOUD_ORG_IDS=",".join(tenant.organizations),
            INSIGHTS_HOME=tmp_path,
            INSIGHTS_SERVICES="directory",
            INSIGHTS_SETTLE_MINUTES=0,
            INSIGHTS_START_DATE=DAY.isoformat(),
            INSIGHTS_MAX_REQUESTS_PER_SECOND=1000,
        )
        yield replace(pipeline_of(settings), clock=lambda: NOW)


def run(pipeline: Pipeline, orgs: Sequence[str]) -> dg.ExecuteInProcessResult:
    partitions = daily_partitions(pipeline.settings, pipeline.lake, NOW)
    config: dict[str, Any] = {op: {"config": {"orgs": list(orgs)}} for op in ("collect", "normalize")}
    return dg.materialize(
        [build_raw_assets(pipeline, partitions), build_events_assets(pipeline, partitions)],
        partition_key=DAY.isoformat(),
        run_config={"ops": config},
        resources={"pipeline": pipeline},
        raise_on_error=False,
    )


def complete(result: dg.ExecuteInProcessResult) -> bool:
    (check,) = (check for check in result.get_asset_check_evaluations() if check.check_name == "complete")
    return check.passed


def test_each_run_brings_its_own_organizations_and_only_together_they_are_complete(pipeline: Pipeline) -> None:
    first, second = pipeline.settings.orgs
    one = run(pipeline, [first])
    assert one.success
    assert pipeline.lake.raw_days() == [DayKey(first, "directory", DAY)]
    assert not complete(one)
    other = run(pipeline, [second])
    assert complete(other)
    both = [DayKey(org, "directory", DAY) for org in sorted((first, second))]
    assert pipeline.lake.raw_days() == both
    assert [file.key for file in pipeline.lake.events_files()] == both


def test_an_organization_that_is_not_in_the_settings_is_refused_by_name(pipeline: Pipeline) -> None:
    refused = run(pipeline, ["somebody"])
    assert not refused.success
    assert pipeline.lake.raw_days() == []
    (failure,) = (event for event in refused.all_events if event.event_type_value == "STEP_FAILURE")
    assert "names somebody, which JUMPCLOUD_ORG_IDS" in str(failure.event_specific_data)
