"""What is told of raw days in Dagster: figures of a partition, and whether the days of a run are proven. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import dagster as dg

from insights_pipeline.collector import Outcome
from insights_pipeline.jumpcloud import Usage
from insights_pipeline.lake import DayKey, Manifest
from insights_pipeline.orchestration.presentation import table

COMPLETE = "complete"

# Days whose count is settled or isn't to be had any more; everything else fails the check.
_SOUND = frozenset({"complete", "open"})


def figures_of(manifests: Mapping[DayKey, Manifest | None], usage: Usage) -> dict[str, dg.MetadataValue]:
    """Of one day over its organizations: counts, never people or payloads."""
    held = [manifest for manifest in manifests.values() if manifest is not None]
    pages = [page for manifest in held for page in manifest.pages]
    slices = [part for manifest in held for part in manifest.slices]
    rows = [_row(key, manifest) for key, manifest in manifests.items()]
    window = f"{min(part.start for part in slices)} to {max(part.end for part in slices)}" if slices else "none"
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(sum(manifest.held_events for manifest in held)),
        "expected_events": dg.MetadataValue.int(sum(manifest.expected_events or 0 for manifest in held)),
        "late_events": dg.MetadataValue.int(sum(manifest.late_events for manifest in held)),
        "pages": dg.MetadataValue.int(len(pages)),
        "bytes": dg.MetadataValue.int(sum(page.bytes for page in pages)),
        "window": dg.MetadataValue.text(window),
        "states": dg.MetadataValue.text(", ".join(sorted({str(row[1]) for row in rows}))),
        "requests_of_the_run": dg.MetadataValue.int(usage.requests),
        "organizations": table(("org", "state", "expected", "held", "late", "pages"), rows),
    }


def judge(
    asset_key: dg.AssetKey,
    manifests: Mapping[DayKey, Manifest | None],
    outcomes: Iterable[Outcome],
    oldest: date,
) -> dg.AssetCheckResult:
    """The check `complete` of one service's days; `oldest` is the first day that JumpCloud still holds in full.

    It blocks nothing: the coverage tells what is short, and the other services' days are to be published. A day on
    which more is held than counted lacks nothing that is known of, so that it only warns.
    """
    outcomes = list(outcomes)
    refused = {outcome.key for outcome in outcomes if outcome.refused and outcome.manifest is None}
    states = {key: manifest.state if manifest else "missing" for key, manifest in manifests.items()}
    unproven = {
        key: state for key, state in states.items() if state not in _SOUND and key.day >= oldest and key not in refused
    }
    failures = sorted({outcome.failure for outcome in outcomes if outcome.failure is not None and not outcome.refused})
    only_over = not failures and set(unproven.values()) <= {"over"}
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=COMPLETE,
        passed=not unproven and not failures,
        severity=dg.AssetCheckSeverity.WARN if only_over else dg.AssetCheckSeverity.ERROR,
        description="; ".join(failures)
        or (f"{len(unproven)} of {len(states)} days are not proven" if unproven else "every day is proven"),
        metadata={
            "days": len(states),
            "not_proven": table(
                ("org", "date", "state"), [(key.org, key.day, unproven[key]) for key in sorted(unproven)]
            ),
        },
    )


def of_partition(manifests: Mapping[DayKey, Manifest | None], partition: str) -> dict[DayKey, Manifest | None]:
    """Those of one UTC day."""
    return {key: manifest for key, manifest in manifests.items() if key.day.isoformat() == partition}


def _row(key: DayKey, manifest: Manifest | None) -> Sequence[object]:
    if manifest is None:
        return (key.org, "missing", None, None, None, None)
    return (
        key.org,
        manifest.state,
        manifest.expected_events,
        manifest.held_events,
        manifest.late_events,
        len(manifest.pages),
    )


def short_services(instance: dg.DagsterInstance, services: Iterable[str]) -> list[str]:
    """Those that fell short when they were last asked for, by the latest check of each."""
    checks = [dg.AssetCheckKey(dg.AssetKey(["raw", service]), COMPLETE) for service in services]
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
    events = [record.event.dagster_event for record in latest.values() if record.event is not None]
    evaluations = [
        event.asset_check_evaluation_data
        for event in events
        # A check that is about to be made, or was never, has an event of another type.
        if event is not None and event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    return sorted(
        evaluation.asset_key.path[-1]
        for evaluation in evaluations
        if not evaluation.passed and evaluation.severity is dg.AssetCheckSeverity.ERROR
    )
