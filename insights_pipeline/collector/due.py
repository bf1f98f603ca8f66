"""Which days a run looks at, and which of them it counts again although they were proven; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from insights_pipeline.collector.window import SECOND
from insights_pipeline.lake import DayKey, Manifest
from insights_pipeline.settings import Settings


def days_between(first: date, last: date) -> list[date]:
    """In order, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def default_days(settings: Settings, now: datetime) -> list[date]:
    """Everything the API may still hold, up to today."""
    return days_between(settings.first_day(now), now.date())


def recounted_since(settings: Settings, now: datetime) -> date:
    """The first of the days that every run counts again, for events that come late."""
    return (now - timedelta(minutes=settings.settle_minutes)).date() - timedelta(days=settings.lookback_days)


def keys(settings: Settings, services: Sequence[str], days: Iterable[date]) -> list[DayKey]:
    """Every organization, service and day, sorted."""
    return sorted(DayKey(org, service, day) for org in settings.orgs for service in services for day in days)


def is_due(
    key: DayKey, manifest: Manifest | None, *, named: bool, recount_since: date, settings: Settings, now: datetime
) -> bool:
    """Whether a run has anything to ask about the day.

    A day past retention isn't asked for: the API has deleted it, and would count nothing. Today is asked for once its first
    second is over. A proven day is counted again if it was named or lies in the look-back.
    """
    if key.start + SECOND > now or key.day < settings.oldest_day(now):
        return False
    if named or key.day >= recount_since:
        return True
    return manifest is None or manifest.state != "complete"
