"""The days that Dagster knows, and how its partition keys become days of the lake."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.settings import Settings

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

# With 16 services a run of this many days makes some 1,000 materializations; a 90-day backfill is three such runs.
DAYS_PER_RUN = 30


def daily_partitions(settings: Settings, lake: Lake, now: datetime) -> dg.DailyPartitionsDefinition:
    """UTC days from the first that is held or can be had, up to and including today.

    Read when the code location loads; a restart after a purge of the lake forgets the purged days.
    """
    held = [key.day for key in lake.raw_days()]
    first = min([settings.first_day(now), *held])
    return dg.DailyPartitionsDefinition(start_date=first.isoformat(), timezone="UTC", end_offset=1)


def backfill_policy() -> dg.BackfillPolicy:
    """A few runs of many days: a run costs some 8 seconds before it does anything."""
    return dg.BackfillPolicy.multi_run(max_partitions_per_run=DAYS_PER_RUN)


def day_keys(orgs: Sequence[str], asset_keys: Iterable[dg.AssetKey], partition_keys: Iterable[str]) -> list[DayKey]:
    """The days of the lake that a run is about: every organization's, of the services of the selected assets."""
    days = [date.fromisoformat(key) for key in partition_keys]
    services = [key.path[-1] for key in asset_keys]
    return sorted(DayKey(org, service, day) for org in orgs for service in services for day in days)


def chosen_orgs(settings: Settings, orgs: Sequence[str]) -> tuple[str, ...]:
    """The organizations that a run is about, of those in the settings: the given ones, or all. Raises `dagster.Failure`."""
    unknown = sorted(set(orgs) - set(settings.orgs))
    if unknown:
        raise dg.Failure(
            f"The run's configuration names {', '.join(unknown)}, which JUMPCLOUD_ORG_IDS and JUMPCLOUD_PROVIDER_ID don't: "
            f"there are {', '.join(settings.orgs)}.",
            allow_retries=False,
        )
    return tuple(orgs) or settings.orgs


def contiguous(days: Iterable[date]) -> list[tuple[date, date]]:
    """The days as ranges, both ends included: one run each."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if ranges and day - ranges[-1][1] == timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges


def range_tags(first: date, last: date) -> dict[str, str]:
    """The tags by which one run covers all days from first to last."""
    return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}


def utc_now() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)
