"""What Dagster loads: every asset, its partitions, its place in the graph; nothing is run."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.orchestration.build import build_defs
from insights_pipeline.orchestration.partitions import contiguous, day_keys
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.schedules import stretches
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline.warehouse import PUBLISHED_TABLES

NOW = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    settings = IsolatedSettings(INSIGHTS_HOME=tmp_path_factory.mktemp("home"), INSIGHTS_START_DATE="2026-03-01")
    return build_defs(Pipeline(settings, (*KNOWN_SERVICES, "pam"), clock=lambda: NOW))


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> Any:
    return definitions.resolve_asset_graph()


@pytest.mark.parametrize("service", [*KNOWN_SERVICES, "pam"])
def test_every_service_has_raw_and_typed_events_by_utc_day(graph: Any, service: str) -> None:
    for area in ("raw", "events"):
        partitions = graph.get(dg.AssetKey([area, service])).partitions_def
        assert isinstance(partitions, dg.DailyPartitionsDefinition)
        assert partitions.timezone == "UTC"
        assert partitions.get_partition_keys(current_time=NOW)[0] == "2026-03-01"
        assert partitions.get_partition_keys(current_time=NOW)[-1] == "2026-03-10"
    assert graph.get(dg.AssetKey(["events", service])).parent_keys == {dg.AssetKey(["raw", service])}


def test_typed_events_show_their_columns(graph: Any) -> None:
    schema = graph.get(dg.AssetKey(["events", "sso"])).metadata["dagster/column_schema"]
    columns = {column.name: column for column in schema.columns}
    assert columns["timestamp"].type == "timestamp[us, tz=UTC]"
    assert all(column.description for column in columns.values())


def test_the_published_database_comes_after_every_model_and_every_known_service(graph: Any) -> None:
    published = dg.AssetKey("insights_duckdb")
    parents = {key.to_user_string() for key in graph.get(published).parent_keys}
    assert set(PUBLISHED_TABLES) - {"events"} <= parents
    above: set[dg.AssetKey] = set()
    todo = {published}
    while todo:
        key = todo.pop()
        todo |= graph.get(key).parent_keys - above
        above |= graph.get(key).parent_keys
    assert {dg.AssetKey(["raw", service]) for service in KNOWN_SERVICES} <= above


def test_the_reports_come_last_after_the_published_database(graph: Any) -> None:
    reports = dg.AssetKey("reports")
    assert graph.get(dg.AssetKey("insights_duckdb")).child_keys == {reports}
    assert graph.get(reports).child_keys == set()


def test_the_coverage_is_built_after_every_raw_asset(graph: Any) -> None:
    parents = graph.get(dg.AssetKey("coverage")).parent_keys
    assert {dg.AssetKey(["raw", service]) for service in (*KNOWN_SERVICES, "pam")} <= parents


def test_a_daily_schedule_exists_and_waits_to_be_switched_on(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("daily")
    assert schedule.execution_timezone == "UTC"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_the_schedule_asks_for_one_run_over_all_due_days(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("daily")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=NOW)
        requests = schedule.evaluate_tick(context).run_requests
    assert requests is not None
    (request,) = requests
    assert request.tags["dagster/asset_partition_range_start"] == "2026-03-01"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-03-10"
    assert request.run_config["ops"]["collect"]["config"] == {"named": False}


def test_dagster_and_its_successor_load_the_same_module() -> None:
    (entry,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert entry["python_module"]["module_name"] == "insights_pipeline.definitions"


def test_neighbouring_days_are_one_stretch_and_none_is_longer_than_a_run_should_be() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4)]
    assert contiguous(days) == [(date(2026, 1, 1), date(2026, 1, 2)), (date(2026, 1, 4), date(2026, 1, 4))]
    quarter = [date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(90)]
    lengths = [(last - first).days + 1 for first, last in stretches(quarter)]
    assert lengths == [30, 30, 30]
    assert stretches([]) == []


def test_a_partition_of_an_asset_is_that_day_of_every_organization() -> None:
    keys = day_keys(("a", "b"), [dg.AssetKey(["raw", "sso"])], ["2026-01-02"])
    assert [(key.org, key.service, key.day) for key in keys] == [
        ("a", "sso", date(2026, 1, 2)),
        ("b", "sso", date(2026, 1, 2)),
    ]
