"""Sensors that look for what somebody should be told, and tell it once. What that is, and how it is put, is in `findings`."""

from collections.abc import Callable, Iterable

import dagster as dg

from insights_pipeline.collector import behind, coverage, default_days, expiring, keys
from insights_pipeline.events import drift_of, recorded
from insights_pipeline.orchestration import findings
from insights_pipeline.orchestration.alerts import Alerts
from insights_pipeline.orchestration.findings import Finding, Source
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.standing_checks import PUBLISHED_EVERY, published_at, unasked_days
from insights_pipeline.warehouse import known_event_types, published_file, query

# They read what is on disk and ask nothing of JumpCloud; a look at 1,440 days takes a second or two.
SECONDS_BETWEEN = 900

_SOURCES = (
    "select caller_id, integration, api_path, attempts, status, reopened from old_api_key_sources order by last_seen"
)


def build_sensors(pipeline: Pipeline, alerts: Alerts) -> list[dg.SensorDefinition]:
    """All of them; switched on by a setting, or by hand in the page."""
    looks: dict[str, tuple[str, str, Callable[[Pipeline], Iterable[Finding]]]] = {
        "days_at_risk": (
            "Directory Insights: events may be lost",
            "Days without proof that JumpCloud is about to delete, services that are behind, nothing published.",
            at_risk,
        ),
        "schema_drift": (
            "Directory Insights: events have changed",
            "Members, event types and services that this version doesn't know.",
            drift,
        ),
        "old_api_key_sources": (
            "Directory Insights: an old admin API key is in use",
            "Callers with an old admin API key that are new, or call again.",
            sources,
        ),
    }
    return [_sensor(pipeline, alerts, name, *look) for name, look in looks.items()]


def _sensor(
    pipeline: Pipeline,
    alerts: Alerts,
    name: str,
    title: str,
    description: str,
    look: Callable[[Pipeline], Iterable[Finding]],
) -> dg.SensorDefinition:
    status = dg.DefaultSensorStatus.RUNNING if pipeline.settings.schedules else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name=name,
        description=description,
        minimum_interval_seconds=SECONDS_BETWEEN,
        default_status=status,
        job_name=None,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        found = list(look(pipeline))
        told = findings.news(found, findings.known_keys(context.cursor))
        if told and not alerts.anywhere:
            return dg.SkipReason(f"INSIGHTS_ALERT_URLS is empty, so that nobody is told: {' '.join(told)}")
        if told:
            # Raises where it isn't delivered: the tick fails, and the cursor stays, so that the next tick tells it.
            alerts.send(title, told)
        return dg.SensorResult(
            skip_reason=dg.SkipReason(f"Told: {' '.join(told)}" if told else "Nothing new."),
            cursor=findings.cursor_of(found),
        )

    return sensor


def at_risk(pipeline: Pipeline) -> Iterable[Finding]:
    """What may be lost, by the manifests and by the published file."""
    now = pipeline.clock()
    days = default_days(pipeline.settings, now)
    rows = coverage(pipeline.lake, pipeline.settings, pipeline.services, now, days)
    yield from findings.days_at_risk(expiring(rows, now))
    yield from findings.services_behind(behind(rows, pipeline.settings, now))
    published = published_at(pipeline)
    yield from findings.publication_behind(published, late=published is None or now - published > PUBLISHED_EVERY)


def drift(pipeline: Pipeline) -> Iterable[Finding]:
    """What the typed days of the retention have that nobody declared."""
    now = pipeline.clock()
    wanted = keys(pipeline.settings, pipeline.services, default_days(pipeline.settings, now))
    days = [record.day for key in wanted if (record := recorded(pipeline.lake, key)) is not None]
    yield from findings.new_drift(drift_of(days, known_event_types()))
    yield from findings.new_services(unasked_days(pipeline, now))


def sources(pipeline: Pipeline) -> Iterable[Finding]:
    """What the published database tells of old keys."""
    home = pipeline.settings.home.absolute()
    if not published_file(home).exists():
        return
    yield from findings.old_key_sources(Source(**row) for row in query(home, _SOURCES).to_pylist())
