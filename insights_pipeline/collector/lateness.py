"""How long after their own timestamp events came to be seen; measured from arrivals, pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_pipeline.lake import Arrival, Manifest

# Enough for percentiles of one arrival without letting a flood of late events swell the manifest.
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Lateness:
    """A service's events that were not there when their instant was first fetched, over all days and organizations.

    Seconds are from an event's timestamp to the fetch that brought it: an upper bound, as wide as the runs are apart.
    The settle time is long enough where it exceeds `p99_seconds`.
    """

    service: str
    held_events: int
    later_events: int
    p50_seconds: int
    p90_seconds: int
    p99_seconds: int
    max_seconds: int


def lateness(manifests: Iterable[Manifest]) -> list[Lateness]:
    """One row a service that had such events, sorted by service."""
    by_service: dict[str, list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        by_service[manifest.service].append(manifest)
    rows = []
    for service, days in sorted(by_service.items()):
        arrivals = [arrival for day in days for arrival in day.arrivals if arrival.events]
        if arrivals:
            p50, p90, p99, longest = _quantiles(arrivals, (0.5, 0.9, 0.99, 1.0))
            held, later = sum(day.held_events for day in days), sum(arrival.events for arrival in arrivals)
            rows.append(Lateness(service, held, later, p50, p90, p99, longest))
    return rows


def _quantiles(arrivals: Sequence[Arrival], shares: Sequence[float]) -> list[int]:
    """The least lateness that so large a share of the events doesn't exceed; a sample stands for all of its arrival."""
    weighted = sorted(
        (seconds, arrival.events / len(arrival.lateness_seconds))
        for arrival in arrivals
        for seconds in arrival.lateness_seconds
    )
    total = sum(weight for _, weight in weighted)
    found = []
    for share in shares:
        passed = 0.0
        for seconds, weight in weighted:
            passed += weight
            # Sums of fractions end a little beside the whole.
            if passed >= share * total - 1e-6:
                found.append(seconds)
                break
    return found


def arrival(moments: Iterable[datetime], seen_at: datetime) -> Arrival | None:
    """What came with a later fetch, the lateness of each or of an even sample; None where nothing came."""
    seconds = sorted(max(0, round((seen_at - moment).total_seconds())) for moment in moments)
    if not seconds:
        return None
    return Arrival(seen_at=seen_at, events=len(seconds), lateness_seconds=_even_sample(seconds))


def _even_sample(ordered: Sequence[int]) -> list[int]:
    if len(ordered) <= SAMPLE:
        return list(ordered)
    return [ordered[round(number * (len(ordered) - 1) / (SAMPLE - 1))] for number in range(SAMPLE)]
