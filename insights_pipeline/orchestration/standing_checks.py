"""Checks that hold whatever ran last: whether services are fresh, the retention is proven, and nobody's events are left out.

They go by manifests, not by Dagster's runs: what the command line collected counts too. What a run itself found is judged
where it is found (`raw_figures`, `typed_figures`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from insights_pipeline.collector import (
    Coverage,
    Unasked,
    behind,
    coverage,
    default_days,
    due_day,
    expiring,
    read_unasked,
)
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.orchestration.presentation import check_key, table
from insights_pipeline.orchestration.published import PUBLISHED
from insights_pipeline.orchestration.raw_figures import COMPLETE, short_services
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.warehouse import published_file

FRESH = "fresh"
RETENTION_PROVEN = "retention_proven"
SERVICES_ADD_UP = "services_add_up"
SERVICES_COMPLETE = "services_complete"
COVERAGE = dg.AssetKey("coverage")

# The daily run publishes in any case; two hours are for its own length.
PUBLISHED_EVERY = timedelta(hours=26)


def build_standing_checks(pipeline: Pipeline) -> dg.AssetChecksDefinition:
    """One op for all of them: they look at the same manifests."""
    raw = [dg.AssetKey(["raw", service]) for service in pipeline.services]
    specs = [
        *(
            dg.AssetCheckSpec(
                FRESH, asset=key, description="The newest day that should be closed was counted after it closed."
            )
            for key in raw
        ),
        *(
            dg.AssetCheckSpec(
                RETENTION_PROVEN, asset=key, description="Every closed day that JumpCloud still holds is proven."
            )
            for key in raw
        ),
        dg.AssetCheckSpec(
            SERVICES_ADD_UP,
            asset=COVERAGE,
            description="JumpCloud counts as many events for all services as for these.",
        ),
        dg.AssetCheckSpec(FRESH, asset=PUBLISHED, description="The database was published within 26 hours."),
    ]

    @dg.multi_asset_check(name="standing_checks", specs=specs, can_subset=True)
    def standing_checks(
        context: dg.AssetCheckExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.AssetCheckResult]:
        for result in judge(pipeline):
            if check_key(result) in context.selected_asset_check_keys:
                yield result

    return standing_checks


def judge(pipeline: Pipeline) -> Iterator[dg.AssetCheckResult]:
    """Every standing check, as the manifests and the published file are now."""
    now = pipeline.clock()
    days = default_days(pipeline.settings, now)
    rows = coverage(pipeline.lake, pipeline.settings, pipeline.services, now, days)
    for service in pipeline.services:
        of_service = [row for row in rows if row.service == service]
        yield fresh(pipeline, of_service, service, now)
        yield retention_proven(of_service, service, now)
    yield services_add_up(pipeline, unasked_days(pipeline, now))
    yield published_fresh(pipeline, now)


def unasked_days(pipeline: Pipeline, now: datetime) -> list[Unasked]:
    """Days of the retention on which `all` counts other than its services."""
    found = (
        read_unasked(pipeline.lake, org, day)
        for org in pipeline.settings.orgs
        for day in default_days(pipeline.settings, now)
    )
    return [day for day in found if day is not None and not _left_out_by_choice(pipeline, day)]


def _left_out_by_choice(pipeline: Pipeline, day: Unasked) -> bool:
    """Whether the difference is in services that INSIGHTS_SERVICES leaves out although they are known."""
    return (
        bool(pipeline.settings.services)
        and set(day.services) <= set(KNOWN_SERVICES)
        and day.all_events - day.asked_events == sum(day.services.values())
    )


def fresh(pipeline: Pipeline, rows: list[Coverage], service: str, now: datetime) -> dg.AssetCheckResult:
    """By partition: a run about other days makes no service fresh."""
    late = behind(rows, pipeline.settings, now)
    day = due_day(pipeline.settings, now)
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(["raw", service]),
        check_name=FRESH,
        passed=not late,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{day} was not counted since it closed" if late else f"{day} was counted after it closed",
        metadata={"behind": table(("org", "date", "state"), [(row.org, row.date, row.state) for row in late])},
    )


def retention_proven(rows: list[Coverage], service: str, now: datetime) -> dg.AssetCheckResult:
    """A warning, and an error once JumpCloud is about to delete what isn't proven."""
    unproven = [row for row in rows if row.state not in ("complete", "open", "expired") and row.date < now.date()]
    soon = expiring(rows, now)
    description = f"{len(unproven)} of {len(rows)} days are not proven"
    if soon:
        description += f"; JumpCloud deletes the first of them on {soon[0].expires_on}"
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(["raw", service]),
        check_name=RETENTION_PROVEN,
        passed=not unproven,
        severity=dg.AssetCheckSeverity.ERROR if soon else dg.AssetCheckSeverity.WARN,
        description=description if unproven else "every closed day is proven",
        metadata={
            "days": len(rows),
            "not_proven": table(
                ("org", "date", "state", "deleted on"),
                [(row.org, row.date, row.state, row.expires_on) for row in unproven],
            ),
        },
    )


def services_add_up(pipeline: Pipeline, days: list[Unasked]) -> dg.AssetCheckResult:
    """A warning: what is collected is whole, but there is more."""
    named = sorted({service for day in days for service in day.services})
    return dg.AssetCheckResult(
        asset_key=COVERAGE,
        check_name=SERVICES_ADD_UP,
        passed=not days,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"On {len(days)} days there are events of services that nobody asked for: {', '.join(named) or 'unnamed'}"
        if days
        else f"as many as for the {len(pipeline.services)} services",
        metadata={
            "days": table(
                ("org", "date", "all", "of these services", "others"),
                [(day.org, day.date, day.all_events, day.asked_events, ", ".join(day.services)) for day in days],
            )
        },
    )


def published_fresh(pipeline: Pipeline, now: datetime) -> dg.AssetCheckResult:
    """By the file's own time."""
    published = published_at(pipeline)
    passed = published is not None and now - published <= PUBLISHED_EVERY
    return dg.AssetCheckResult(
        asset_key=PUBLISHED,
        check_name=FRESH,
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"last published {published:%Y-%m-%d %H:%M} UTC" if published else "never published",
    )


def published_at(pipeline: Pipeline) -> datetime | None:
    """When the published database was put in place."""
    try:
        return datetime.fromtimestamp(published_file(pipeline.settings.home).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def build_services_complete(pipeline: Pipeline) -> dg.AssetChecksDefinition:
    """The end of a run: everything that could be had is published by then, and the run fails if a service fell short."""

    @dg.multi_asset_check(
        name=SERVICES_COMPLETE,
        specs=[
            dg.AssetCheckSpec(
                SERVICES_COMPLETE,
                asset=PUBLISHED,
                description="No service's last run fell short. The run that finds one fails here, after publishing.",
            )
        ],
    )
    def services_complete(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        short = short_services(context.instance, pipeline.services)
        sentence = f"{', '.join(short)} fell short; the rest is published. The check `{COMPLETE}` of each says why."
        yield dg.AssetCheckResult(
            asset_key=PUBLISHED,
            check_name=SERVICES_COMPLETE,
            passed=not short,
            severity=dg.AssetCheckSeverity.ERROR,
            description=sentence if short else "every service is complete",
        )
        if short:
            raise dg.Failure(sentence, allow_retries=False)

    return services_complete
