"""What is told of typed days in Dagster: figures of a partition, and the checks on what normalizing found. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg

from insights_pipeline.events import Drift, DriftKind, NormalizedDay, drift_of
from insights_pipeline.orchestration.presentation import table

DAY_BOUNDS = "day_bounds"
REJECTS_AND_MISFITS = "rejects_and_misfits"
SCHEMA_DRIFT = "schema_drift"

_MOST_TYPES = 10

_KINDS = {
    DriftKind.FIELD: "member without a column",
    DriftKind.EVENT_TYPE: "event type that the catalogue lacks",
    DriftKind.MISFIT: "value of another type",
}


def check_specs(asset_key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The checks of one service's typed days."""
    return [
        dg.AssetCheckSpec(
            DAY_BOUNDS,
            asset=asset_key,
            description="Every event lies in its UTC day. Blocks the models: they replace whole days.",
            blocking=True,
        ),
        dg.AssetCheckSpec(
            REJECTS_AND_MISFITS,
            asset=asset_key,
            description="Every page could be read, every event has a place, every value fits its column.",
        ),
        dg.AssetCheckSpec(
            SCHEMA_DRIFT,
            asset=asset_key,
            description="Events have no members and no types that this version doesn't know.",
        ),
    ]


def figures_of(days: Sequence[NormalizedDay]) -> dict[str, dg.MetadataValue]:
    """Of one day over its organizations: counts, times and event types, never values."""
    starts = [day.first_timestamp for day in days if day.first_timestamp]
    ends = [day.last_timestamp for day in days if day.last_timestamp]
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(sum(day.rows for day in days)),
        "bytes": dg.MetadataValue.int(sum(day.bytes for day in days)),
        "rejected": dg.MetadataValue.int(sum(day.rejected for day in days)),
        "conflicts": dg.MetadataValue.int(sum(day.conflicts for day in days)),
        "misfits": dg.MetadataValue.int(sum(sum(day.misfits.values()) for day in days)),
        "window": dg.MetadataValue.text(
            f"{_utc(min(starts))} to {_utc(max(ends))}" if starts and ends else "no events"
        ),
        "event_types": table(("event type", "events"), _most(days)),
    }


def judge(
    asset_key: dg.AssetKey, days: Sequence[NormalizedDay], known_types: frozenset[tuple[str, str]]
) -> Iterator[dg.AssetCheckResult]:
    """The checks over one service's days of a run."""
    yield _day_bounds(asset_key, days)
    yield _rejects_and_misfits(asset_key, days)
    yield _schema_drift(asset_key, drift_of(days, known_types))


def _day_bounds(asset_key: dg.AssetKey, days: Iterable[NormalizedDay]) -> dg.AssetCheckResult:
    outside = [
        day.key
        for day in days
        if (day.first_timestamp and day.first_timestamp < day.key.start)
        or (day.last_timestamp and day.last_timestamp >= day.key.end)
    ]
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=DAY_BOUNDS,
        passed=not outside,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{len(outside)} days hold events of other days" if outside else "every event lies in its day",
        metadata={"days": table(("org", "date"), [(key.org, key.day) for key in outside])},
    )


def _rejects_and_misfits(asset_key: dg.AssetKey, days: Sequence[NormalizedDay]) -> dg.AssetCheckResult:
    """A page that can't be read is an error, its events being gone until it was fetched again; the rest is kept whole."""
    corrupt = sum(len(day.corrupt_pages) for day in days)
    counts = {
        "damaged pages": corrupt,
        "rejected events": sum(day.rejected for day in days),
        "events that share an id": sum(day.conflicts for day in days),
        "values that don't fit": sum(sum(day.misfits.values()) for day in days),
    }
    found = [f"{number:,} {what}" for what, number in counts.items() if number]
    rows = [
        (day.key.org, day.key.day, len(day.corrupt_pages), day.rejected, day.conflicts, ", ".join(day.misfits))
        for day in days
        if day.corrupt_pages or day.rejected or day.conflicts or day.misfits
    ]
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=REJECTS_AND_MISFITS,
        passed=not found,
        severity=dg.AssetCheckSeverity.ERROR if corrupt else dg.AssetCheckSeverity.WARN,
        description=", ".join(found) or "everything fits",
        metadata={"days": table(("org", "date", "damaged pages", "rejected", "conflicts", "misfits in"), rows)},
    )


def _schema_drift(asset_key: dg.AssetKey, drift: Sequence[Drift]) -> dg.AssetCheckResult:
    """Misfits have a check of their own."""
    new = [difference for difference in drift if difference.kind is not DriftKind.MISFIT]
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=SCHEMA_DRIFT,
        passed=not new,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(new)} differences from what is declared" if new else "everything is declared",
        metadata={
            "differences": table(
                ("what", "name", "since", "events", "see"),
                [(_KINDS[one.kind], one.name, one.since, one.events, one.example) for one in new],
            )
        },
    )


def _most(days: Iterable[NormalizedDay]) -> list[tuple[str, int]]:
    """The most frequent event types of a day."""
    totals: dict[str, int] = {}
    for day in days:
        for name, events in day.event_types.items():
            totals[name] = totals.get(name, 0) + events
    return sorted(totals.items(), key=lambda entry: (-entry[1], entry[0]))[:_MOST_TYPES]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
