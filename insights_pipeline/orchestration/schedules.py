"""When the jobs run. Which days are due is the collector's to say; what a job does is said in `jobs`."""

from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from insights_pipeline.collector import default_days, is_due, keys, recounted_since
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.jobs import PIPELINE, STANDING_CHECKS, pipeline_config
from insights_pipeline.orchestration.partitions import DAYS_PER_RUN, contiguous, range_tags
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.upkeep import upkeep
from insights_pipeline.settings import Settings

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def build_schedules(pipeline: Pipeline) -> list[dg.ScheduleDefinition]:
    """All of them; switched on by a setting, or by hand in the page."""
    status = schedule_status(pipeline.settings)
    return [
        _today(pipeline, status),
        _daily(pipeline, status),
        _weekly_comparison(pipeline, status),
        dg.ScheduleDefinition(
            name="hourly_checks",
            job_name=STANDING_CHECKS,
            cron_schedule="50 * * * *",
            execution_timezone="UTC",
            default_status=status,
            description="Every hour: are services fresh, is the retention proven, does anything wait to be collected?",
        ),
        dg.ScheduleDefinition(
            name="weekly_upkeep",
            job_name=upkeep.name,
            # After the weekly comparison, which takes minutes.
            cron_schedule="0 6 * * SUN",
            execution_timezone="UTC",
            default_status=status,
            description="Sundays at 06:00 UTC: removes what nobody needs any more, within stated bounds.",
        ),
    ]


def schedule_status(settings: Settings) -> dg.DefaultScheduleStatus:
    """Whether schedules run before anybody switched them on or off in the page."""
    return dg.DefaultScheduleStatus.RUNNING if settings.schedules else dg.DefaultScheduleStatus.STOPPED


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


def _today(pipeline: Pipeline, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="today",
        job_name=PIPELINE,
        cron_schedule="*/15 * * * *",
        execution_timezone="UTC",
        default_status=status,
        description="Every 15 minutes: what came of today, through to the published database if anything changed.",
    )
    def today(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        # Else runs would pile up behind a long backfill that holds the pool of the API.
        waiting = context.instance.get_runs_count(
            dg.RunsFilter(tags={"dagster/schedule_name": "today"}, statuses=_UNFINISHED)
        )
        if waiting:
            return dg.SkipReason("The run of an earlier quarter hour hasn't ended.")
        day = pipeline.clock().date()
        if not due_keys(pipeline, pipeline.services, [day], named=False):
            return dg.SkipReason("Nothing of today can be asked for yet.")
        return dg.RunRequest(
            run_key=f"{context.scheduled_execution_time:%Y-%m-%dT%H:%M}",
            run_config=pipeline_config(named=False, only_if_changed=True),
            tags=range_tags(day, day),
        )

    return today


def _daily(pipeline: Pipeline, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="daily",
        job_name=PIPELINE,
        # Two hours into the day: past the settle time of the closed day with some room.
        cron_schedule="0 2 * * *",
        execution_timezone="UTC",
        default_status=status,
        description="At 02:00 UTC: the closed day, the look-back for late events, and whatever is still unproven.",
    )
    def daily(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        yield from _requests(pipeline, context, named=False)

    return daily


def _weekly_comparison(pipeline: Pipeline, status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="weekly_comparison",
        job_name=PIPELINE,
        cron_schedule="0 4 * * SUN",
        execution_timezone="UTC",
        default_status=status,
        description="Sundays at 04:00 UTC: counts every day that JumpCloud still holds, and fetches what differs.",
    )
    def weekly_comparison(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        yield from _requests(pipeline, context, named=True)

    return weekly_comparison


def _requests(pipeline: Pipeline, context: dg.ScheduleEvaluationContext, *, named: bool) -> Iterator[dg.RunRequest]:
    """A run for each stretch of days that are due."""
    days = default_days(pipeline.settings, pipeline.clock())
    due = due_keys(pipeline, pipeline.services, days, named=named)
    for first, last in stretches(sorted({key.day for key in due})):
        yield dg.RunRequest(
            run_key=f"{context.scheduled_execution_time:%Y-%m-%d}:{first}:{last}",
            run_config=pipeline_config(named=named, only_if_changed=False),
            tags=range_tags(first, last),
        )
