"""What is held of every day and how it compares, from manifests alone; pure but for reading them."""

from __future__ import annotations

import datetime as dt  # the field `date` hides the class of that name
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from insights_pipeline.collector.due import default_days, keys
from insights_pipeline.collector.refusal import read_refusal
from insights_pipeline.lake import DamagedManifest, DayKey, Lake, Manifest
from insights_pipeline.lake.manifest import State
from insights_pipeline.settings import Settings

# Time enough to mend a credential or to ask JumpCloud, if somebody looks once a week.
EXPIRES_SOON = timedelta(days=14)

_UNPROVEN: frozenset[State] = frozenset({"short", "over", "unverified", "missing"})


@dataclass(frozen=True, slots=True)
class Coverage:
    """One day of one service of one organization, as of the moment it was asked for. Times are UTC."""

    org: str
    service: str
    date: dt.date
    state: State
    expected_events: int | None
    held_events: int
    late_events: int
    counted_at: datetime | None
    fetched_at: datetime | None
    expires_on: dt.date
    """The first day on which the API no longer holds all of it."""
    failure: str | None = None
    """Why the last attempt fell short."""


def coverage_of(key: DayKey, manifest: Manifest | None, settings: Settings, now: datetime) -> Coverage:
    """The manifest's figures with the state that they have by now."""
    expires_on = key.day + timedelta(days=settings.retention_days)
    if manifest is None:
        state: State = "expired" if key.day < settings.oldest_day(now) else "missing"
        return Coverage(key.org, key.service, key.day, state, None, 0, 0, None, None, expires_on)
    return Coverage(
        org=key.org,
        service=key.service,
        date=key.day,
        state=_state_now(key, manifest, settings, now),
        expected_events=manifest.expected_events,
        held_events=manifest.held_events,
        late_events=manifest.late_events,
        counted_at=manifest.counted_at,
        fetched_at=manifest.fetched_at,
        expires_on=expires_on,
        failure=manifest.failure.reason if manifest.failure else None,
    )


def coverage(
    lake: Lake, settings: Settings, services: Sequence[str], now: datetime, days: Sequence[dt.date] | None = None
) -> list[Coverage]:
    """Every day that should be held and every day that is, sorted by organization, service and date.

    Without days: the retention as the settings give it, and whatever the lake has from before or of other services. What a
    region refuses can't be held: of such a service only the days that were fetched before are told.
    """
    wanted = default_days(settings, now) if days is None else days
    found = set(keys(settings, services, wanted))
    if days is None:
        found |= set(lake.raw_days())
    names = sorted({(key.org, key.service) for key in found})
    refused = {
        name
        for name, refusal in zip(names, lake.each(lambda name: read_refusal(lake, *name), names), strict=True)
        if refusal
    }
    rows = []
    due = sorted(found)
    for key, told in zip(due, lake.manifests(due), strict=True):
        if isinstance(told, DamagedManifest):
            rows.append(replace(coverage_of(key, None, settings, now), failure=str(told)))
        elif told is not None or (key.org, key.service) not in refused:
            rows.append(coverage_of(key, told, settings, now))
    return rows


def expiring(rows: Iterable[Coverage], now: datetime) -> list[Coverage]:
    """Days without proof that the API will have deleted within two weeks, soonest first."""
    today = now.date()
    unproven = [row for row in rows if row.state in _UNPROVEN and today < row.expires_on <= today + EXPIRES_SOON]
    return sorted(unproven, key=lambda row: (row.expires_on, row.org, row.service))


def _state_now(key: DayKey, manifest: Manifest, settings: Settings, now: datetime) -> State:
    """A day that was collected while open and never since is no longer open, and nobody has counted it whole."""
    if manifest.state == "open" and now >= key.end + timedelta(minutes=settings.settle_minutes):
        return "unverified"
    return manifest.state
