"""What Dagster loads: every asset, its partitions, its place in the graph; nothing is run."""

import shutil
import tomllib
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
def definitions(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    settings = IsolatedSettings(
        INSIGHTS_HOME=shared_home, INSIGHTS_LAKE=tmp_path_factory.mktemp("lake"), INSIGHTS_START_DATE="2026-03-01"
    )
    return build_defs(Pipeline(settings, (*KNOWN_SERVICES, "pam"), clock=lambda: NOW))


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> Any:
    return definitions.resolve_asset_graph()


def test_dagster_can_load_all_of_it(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


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


def test_the_models_are_built_together_or_not_at_all(definitions: dg.Definitions) -> None:
    publish = definitions.resolve_job_def("model_and_publish")
    with pytest.raises(dg.DagsterInvalidSubsetError):
        publish.get_subset(asset_selection={dg.AssetKey("coverage")})


def test_what_the_pipeline_writes_for_dbt_is_no_asset(graph: Any) -> None:
    assert not [key for key in graph.get_all_asset_keys() if key.path[0] == "lake"]
    assert dg.AssetKey(["events", "pam"]) in graph.get(dg.AssetKey(["staging", "stg_insights__events"])).parent_keys


def test_every_asset_says_what_it_is_who_owns_it_and_what_it_is_made_with(graph: Any) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.group_name != "default", key
        assert [tag for tag in node.tags if tag.startswith("dagster/kind/")], key


def test_the_coverage_is_built_after_every_raw_asset(graph: Any) -> None:
    parents = graph.get(dg.AssetKey("coverage")).parent_keys
    assert {dg.AssetKey(["raw", service]) for service in (*KNOWN_SERVICES, "pam")} <= parents


SCHEDULES = ("today", "daily", "weekly_comparison", "hourly_checks", "weekly_upkeep")
SENSORS = ("days_at_risk", "schema_drift", "old_api_key_sources")


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_in_utc_and_wait_to_be_switched_on(definitions: dg.Definitions, name: str) -> None:
    schedule = definitions.resolve_schedule_def(name)
    assert schedule.execution_timezone == "UTC"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_one_setting_switches_schedules_and_sensors_on(shared_home: Path) -> None:
    settings = IsolatedSettings(INSIGHTS_HOME=shared_home, INSIGHTS_SCHEDULES=True)
    definitions = build_defs(Pipeline(settings, ("sso",), clock=lambda: NOW))
    for schedule in SCHEDULES:
        assert definitions.resolve_schedule_def(schedule).default_status is dg.DefaultScheduleStatus.RUNNING
    for sensor in SENSORS:
        assert definitions.resolve_sensor_def(sensor).default_status is dg.DefaultSensorStatus.RUNNING


def requests_of(definitions: dg.Definitions, name: str, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=NOW)
    return list(definitions.resolve_schedule_def(name).evaluate_tick(context).run_requests or [])


def test_today_is_asked_for_unless_an_earlier_quarter_hour_is_still_running(
    definitions: dg.Definitions, tmp_path: Path
) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        (request,) = requests_of(definitions, "today", instance)
        assert request.tags["dagster/asset_partition_range_start"] == "2026-03-10"
        assert request.tags["dagster/asset_partition_range_end"] == "2026-03-10"
        assert request.run_config["ops"]["dbt_models"]["config"] == {"only_if_changed": True}
        instance.add_run(
            dg.DagsterRun(
                job_name="insights", status=dg.DagsterRunStatus.STARTED, tags={"dagster/schedule_name": "today"}
            )
        )
        assert requests_of(definitions, "today", instance) == []


def test_once_a_week_every_day_of_the_retention_is_counted_again(definitions: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        (request,) = requests_of(definitions, "weekly_comparison", instance)
    assert request.tags["dagster/asset_partition_range_start"] == "2026-03-01"
    assert request.run_config["ops"]["collect"]["config"] == {"named": True}


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


def test_dagster_and_its_successor_load_the_same_module_under_the_same_name() -> None:
    (entry,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    assert entry["python_module"]["module_name"] == project["code_location_target_module"]
    assert entry["python_module"]["location_name"] == project["code_location_name"]


def test_every_check_schedule_and_sensor_is_explained(definitions: dg.Definitions, graph: Any) -> None:
    operating = (ROOT / "docs" / "operating.md").read_text()
    own = {key.name for key in graph.asset_check_keys if key.asset_key.path[0] in ("raw", "events", "insights_duckdb")}
    repository = definitions.get_repository_def()
    sensors = {sensor.name for sensor in repository.sensor_defs}
    names = own | sensors | {"services_add_up"} | {schedule.name for schedule in repository.schedule_defs}
    assert {"complete", "services_complete", *SCHEDULES, *SENSORS} <= names
    assert not {name for name in names if f"| `{name}` |" not in operating}


def test_the_instance_that_is_shipped_loads_and_lets_one_run_at_a_time_use_a_pool(tmp_path: Path) -> None:
    shutil.copy(ROOT / "insights_pipeline" / "orchestration" / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        assert instance.run_retries_enabled
        assert not instance.telemetry_enabled


@pytest.mark.parametrize(
    ("op", "pool"),
    [("collect", "jumpcloud_api"), ("dbt_models", "duckdb_writer"), ("insights_duckdb", "duckdb_writer")],
)
def test_what_may_not_overlap_waits_for_a_pool(definitions: dg.Definitions, op: str, pool: str) -> None:
    job = definitions.resolve_job_def("insights")
    assert job.get_node_named(op).definition.pools == {pool}


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
