"""Jobs and the schedule that starts them. Which days are due is the collector's to say."""

from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from insights_pipeline.collector import default_days, is_due, keys, recounted_since
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.partitions import DAYS_PER_RUN, contiguous, range_tags
from insights_pipeline.orchestration.resources import Pipeline

# In one process: a step of its own costs some 8 seconds of imports and a connection pool of its own.
PIPELINE_JOB = dg.define_asset_job(
    "insights",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Collects, normalizes, models and publishes the days of the run.",
)

COLLECT_ONLY_JOB = dg.define_asset_job(
    "collect_and_normalize",
    selection=dg.AssetSelection.key_prefixes("raw", "events"),
    executor_def=dg.in_process_executor,
    description="Collects and normalizes the days of the run, for stretches before the one that is modelled.",
)

PUBLISH_JOB = dg.define_asset_job(
    "model_and_publish",
    selection=dg.AssetSelection.all() - dg.AssetSelection.key_prefixes("raw", "events"),
    executor_def=dg.in_process_executor,
    description="Builds the models of what changed and publishes the database.",
)


def due_keys(pipeline: Pipeline, services: Sequence[str], days: Sequence[date], *, named: bool) -> list[DayKey]:
    """What a run over these days has to ask about, as the manifests stand now."""
    now = pipeline.clock()
    since = recounted_since(pipeline.settings, now)
    return [
        key
        for key in keys(pipeline.settings, services, days)
        if is_due(
            key,
            pipeline.lake.readable_manifest(key),
            named=named,
            recount_since=since,
            settings=pipeline.settings,
            now=now,
        )
    ]


def stretches(days: Sequence[date]) -> list[tuple[date, date]]:
    """Ranges of neighbouring days, none longer than a run should be."""
    pieces = [days[at : at + DAYS_PER_RUN] for at in range(0, len(days), DAYS_PER_RUN)]
    return [piece for chunk in pieces for piece in contiguous(chunk)]


def run_config(*, named: bool) -> dict[str, object]:
    """Configuration of a job that collects."""
    return {"ops": {"collect": {"config": {"named": named}}}}


def daily_schedule(pipeline: Pipeline) -> dg.ScheduleDefinition:
    """Closed days once their settle time is over, the look-back, and whatever is still unproven."""

    @dg.schedule(
        name="daily",
        job=PIPELINE_JOB,
        # Two hours into the day: past the settle time of the closed day with some room.
        cron_schedule="0 2 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )
    def daily(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        days = default_days(pipeline.settings, pipeline.clock())
        due = due_keys(pipeline, pipeline.services, days, named=False)
        for first, last in stretches(sorted({key.day for key in due})):
            yield dg.RunRequest(
                run_key=f"{context.scheduled_execution_time:%Y-%m-%d}:{first}:{last}",
                run_config=run_config(named=False),
                tags=range_tags(first, last),
            )

    return daily
