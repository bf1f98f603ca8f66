"""Runs the assets in this process, for the command line: the same jobs that Dagster's page and schedules start."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import dagster as dg

from insights_pipeline.collector import Coverage, Outcome, Unasked, coverage
from insights_pipeline.orchestration.build import build_defs
from insights_pipeline.orchestration.instance import open_instance
from insights_pipeline.orchestration.jobs import (
    COLLECT_AND_NORMALIZE,
    MODEL_AND_PUBLISH,
    collect_config,
    renormalize_config,
)
from insights_pipeline.orchestration.models import coverage_days
from insights_pipeline.orchestration.partitions import range_tags
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.schedules import due_keys, stretches
from insights_pipeline.reports.write import are_current as reports_are_current
from insights_pipeline.warehouse import is_current

# The command line tells what went wrong itself, in a sentence; Dagster's console would print tracebacks.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class RunReport:
    """What a run came to."""

    outcomes: list[Outcome]
    """Of each day that was asked about."""
    unasked: list[Unasked]
    """Days on which JumpCloud has events of services that nobody asked for."""
    coverage: list[Coverage]
    """Of the days that the run was about."""
    published: bool
    """Whether a new database was published; False where nothing had changed, or something failed."""
    faults: list[str]
    """What stopped a step, a sentence each."""


def run_pipeline(pipeline: Pipeline, services: Sequence[str], days: Sequence[date], *, named: bool) -> RunReport:
    """Collects and normalizes what is due of the days, then models and publishes if anything changed.

    `named` days are counted again even if they were proven.
    """
    outcomes: list[Outcome] = []
    unasked: list[Unasked] = []
    tell = pipeline.on_collected

    def on_collected(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    pipeline = replace(pipeline, on_collected=on_collected, on_unasked=unasked.append)
    days_due = sorted({key.day for key in due_keys(pipeline, services, days, named=named)})
    selection = _assets(("raw", "events"), services)
    faults, published = _run(pipeline, selection, days_due, collect_config(named=named))
    now = pipeline.clock()
    return RunReport(
        outcomes=outcomes,
        unasked=unasked,
        coverage=coverage(pipeline.lake, pipeline.settings, services, now, days),
        published=published,
        faults=faults,
    )


def renormalize(pipeline: Pipeline, services: Sequence[str], days: Sequence[date]) -> RunReport:
    """Makes the typed files of held days again, from their raw pages alone, then models and publishes what changed."""
    faults, published = _run(pipeline, _assets(("events",), services), days, renormalize_config())
    now = pipeline.clock()
    return RunReport(
        outcomes=[],
        unasked=[],
        coverage=coverage(pipeline.lake, pipeline.settings, services, now, days),
        published=published,
        faults=faults,
    )


def _assets(areas: Sequence[str], services: Sequence[str]) -> list[dg.AssetKey]:
    return [dg.AssetKey([area, service]) for area in areas for service in services]


def _run(
    pipeline: Pipeline, selection: Sequence[dg.AssetKey], days: Sequence[date], config: dict[str, object]
) -> tuple[list[str], bool]:
    """Runs the partitioned assets over the days, then the rest if anything changed; gives the faults, and whether it published."""
    definitions = build_defs(pipeline)
    faults: list[str] = []
    with open_instance(pipeline.settings) as instance:
        for first, last in stretches(days):
            result = definitions.resolve_job_def(COLLECT_AND_NORMALIZE).execute_in_process(
                instance=instance,
                asset_selection=selection,
                tags=range_tags(first, last),
                run_config=config | _QUIET,
                raise_on_error=False,
            )
            faults += _faults(result)
        home = pipeline.settings.home.absolute()
        is_published = not faults and is_current(home, pipeline.lake, coverage_days(pipeline))
        if faults or (is_published and reports_are_current(home)):
            return faults, False
        result = definitions.resolve_job_def(MODEL_AND_PUBLISH).execute_in_process(
            instance=instance,
            # Reports that an earlier run couldn't write, or somebody removed, need no new database.
            asset_selection=[dg.AssetKey("reports")] if is_published else None,
            run_config=_QUIET,
            raise_on_error=False,
        )
        return _faults(result), result.success and not is_published


def _faults(result: dg.ExecuteInProcessResult) -> list[str]:
    """What each failed step raised, in the words of who raised it first."""
    return [_reason(event) for event in result.all_events if event.is_step_failure]


def _reason(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data
    if failure.user_failure_data is not None and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    what = error.message.strip().splitlines()[0] if error is not None else "a step failed"
    return f"{event.step_key} failed ({what}), and the published database stays as it was: run again, or see Dagster's log."
