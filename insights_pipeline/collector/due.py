"""Which days a run looks at, and which of them it counts again although they were proven; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from insights_pipeline.lake import DayKey, Manifest
from insights_pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Span:
    """UTC days from `first` to `last`, both included; `named` if somebody asked for just these."""

    first: date
    last: date
    named: bool

    @property
    def days(self) -> list[date]:
        """In order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def default_span(settings: Settings, now: datetime) -> Span:
    """Everything the API may still hold, up to today."""
    return Span(settings.first_day(now), now.date(), named=False)


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

    A day past retention isn't asked for: the API has deleted it, and would count nothing. A proven day is counted again if
    it was named or lies in the look-back.
    """
    if key.start >= now or key.day < settings.oldest_day(now):
        return False
    if named or key.day >= recount_since:
        return True
    return manifest is None or manifest.state != "complete"
