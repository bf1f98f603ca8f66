"""Whole runs in this process: what fails is named and stops nothing else, and the next run heals it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from insights_pipeline.collector import coverage
from insights_pipeline.emulator import Behaviour, Fault, RunningEmulator, Tenant, serve
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.build import build_defs
from insights_pipeline.orchestration.partitions import range_tags
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline_tests.orchestration.running import DAYS, NOW, SERVICES
from insights_pipeline_tests.orchestration.story import SSO_IS_FORBIDDEN, Story


def test_a_service_that_fails_is_named_and_the_others_are_published(story: Story) -> None:
    states = {(day.service, day.state) for day in story.short.report.coverage}
    assert states == {("directory", "complete"), ("radius", "complete"), ("sso", "missing")}
    assert story.short.report.published
    assert set(story.short.held) == {"directory", "radius"}


def test_the_next_run_fetches_what_was_missing_and_only_counts_the_rest(story: Story) -> None:
    assert {day.state for day in story.healed.report.coverage} == {"complete"}
    assert story.healed.held == story.true


def test_typed_files_are_made_again_from_raw_pages_alone(story: Story) -> None:
    assert (story.renormalized.report.faults, story.renormalized.report.published) == ([], True)
    assert story.renormalized.held == story.held_at_last
    assert len(story.files) == len(SERVICES) * len(DAYS)
    assert all(before == after for before, after in story.files.values())


def test_every_run_ends_with_reports_even_if_only_they_are_missing(story: Story) -> None:
    assert story.reports == (True, True)


def test_a_reader_keeps_what_it_opened_while_the_next_database_is_published(story: Story) -> None:
    assert {service: events for service, events in story.reader if service != "sso"} == {
        service: events for service, events in story.true.items() if service != "sso"
    }


def test_a_run_with_nothing_new_publishes_nothing(story: Story) -> None:
    assert not story.quiet.report.published
    assert story.quiet.report.faults == []


def test_models_that_fail_leave_the_published_database_and_are_named(story: Story) -> None:
    assert not story.damaged.report.published
    (fault,) = story.damaged.report.faults
    assert "the published database stays as it was" in fault
    assert "\n" not in fault


def test_a_typed_file_that_went_missing_is_made_again_and_published(story: Story) -> None:
    assert dg.AssetKey("insights_duckdb") in {
        event.asset_key for event in story.mended.get_asset_materialization_events()
    }
    assert story.held_at_last == story.true


def test_a_run_ends_by_naming_the_service_that_fell_short_after_the_rest_was_published(story: Story) -> None:
    assert not story.mended.success
    (failed,) = [event for event in story.mended.all_events if event.is_step_failure]
    assert failed.step_key == "services_complete"
    failure = failed.step_failure_data.user_failure_data
    assert failure is not None
    assert (failure.description or "").startswith("sso fell short; the rest is published.")
    checks = {check.check_name: check for check in story.mended.get_asset_check_evaluations()}
    assert not checks["services_complete"].passed


def test_a_quarter_hour_with_nothing_new_counts_and_builds_nothing(story: Story) -> None:
    assert story.idle.success
    made = {event.asset_key.path[0] for event in story.idle.get_asset_materialization_events() if event.asset_key}
    assert made == {"raw", "events"}
    checks = story.idle.get_asset_check_evaluations()
    assert "Nothing changed since the build that passed it." in {check.description for check in checks}


def test_a_quarter_hour_with_nothing_new_ends_by_naming_the_service_that_fell_short(story: Story) -> None:
    assert not story.idle_short.success
    (failed,) = [event for event in story.idle_short.all_events if event.is_step_failure]
    assert failed.step_key == "dbt_models"
    told = failed.step_failure_data.user_failure_data
    assert told is not None
    assert (told.description or "").startswith("sso fell short; nothing else changed.")


@pytest.fixture
def collected(
    shared_home: Path, tmp_path: Path, emulator_settings: Callable[..., IsolatedSettings]
) -> Iterator[Callable[..., dg.ExecuteInProcessResult]]:
    tenant = Tenant.invented(seed=3, last_day=DAYS[-1], days=len(DAYS), events_per_day=100)
    with serve(tenant, clock=lambda: NOW) as emulator:
        settings = emulator_settings(emulator.url, shared_home, INSIGHTS_LAKE=tmp_path, INSIGHTS_SERVICES="sso,radius")
        pipeline = replace(pipeline_of(settings), clock=lambda: NOW)

        def run(behaviour: Behaviour) -> dg.ExecuteInProcessResult:
            return collect(pipeline, emulator, behaviour)

        yield run


def collect(pipeline: Pipeline, emulator: RunningEmulator, behaviour: Behaviour) -> dg.ExecuteInProcessResult:
    emulator.emulator.behaviour = behaviour
    with dg.DagsterInstance.ephemeral() as instance:
        return (
            build_defs(pipeline)
            .resolve_job_def("collect_and_normalize")
            .execute_in_process(instance=instance, tags=range_tags(DAYS[0], DAYS[-1]), raise_on_error=False)
        )


def completeness(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """The check `complete` of each service."""
    checks = result.get_asset_check_evaluations()
    return {check.asset_key.path[-1]: check for check in checks if check.check_name == "complete"}


def test_each_day_of_a_range_is_a_materialization_with_its_own_figures(
    collected: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    result = collected(Behaviour())
    assert result.success
    made = [event.step_materialization_data.materialization for event in result.get_asset_materialization_events()]
    assert {(tuple(made_.asset_key.path), made_.partition) for made_ in made} == {
        ((area, service), day.isoformat())
        for area in ("raw", "events")
        for service in ("sso", "radius")
        for day in DAYS
    }
    rows = {
        (tuple(made_.asset_key.path), made_.partition): made_.metadata["dagster/partition_row_count"].value
        for made_ in made
    }
    for service in ("sso", "radius"):
        for day in DAYS:
            count = rows[("raw", service), day.isoformat()]
            assert count == rows[("events", service), day.isoformat()]
            assert isinstance(count, int)
            assert count > 0


def test_the_check_fails_for_the_service_that_is_short_and_for_no_other(
    collected: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    result = collected(SSO_IS_FORBIDDEN)
    assert result.success
    checks = completeness(result)
    assert checks["radius"].passed
    assert not checks["sso"].passed
    assert "403" in (checks["sso"].description or "")


def test_a_key_that_is_refused_fails_the_step_with_a_sentence(
    collected: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    result = collected(Behaviour(faults=(Fault("status", status=401),)))
    assert not result.success
    (failure,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    assert "JUMPCLOUD_API_KEY" in (failure.user_failure_data.description or "")


def test_a_damaged_manifest_is_named_and_stops_no_other_day(
    shared_home: Path, tmp_path: Path, emulator_settings: Callable[..., IsolatedSettings]
) -> None:
    tenant = Tenant.invented(seed=3, last_day=DAYS[-1], days=len(DAYS), events_per_day=100)
    with serve(tenant, clock=lambda: NOW) as emulator:
        settings = emulator_settings(emulator.url, shared_home, INSIGHTS_LAKE=tmp_path, INSIGHTS_SERVICES="sso,radius")
        pipeline = replace(pipeline_of(settings), clock=lambda: NOW)
        damaged = DayKey("self", "sso", DAYS[0])
        pipeline.lake.write(damaged.manifest_file, b"{")
        result = collect(pipeline, emulator, Behaviour())
    assert result.success
    checks = completeness(result)
    assert checks["radius"].passed
    assert "is damaged" in (checks["sso"].description or "")
    rows = {(row.service, row.date): row for row in coverage(pipeline.lake, settings, ("sso", "radius"), NOW, DAYS)}
    assert rows["sso", DAYS[1]].state == "complete"
    assert rows["sso", DAYS[0]].state == "missing"
    assert "remove the file" in (rows["sso", DAYS[0]].failure or "")
