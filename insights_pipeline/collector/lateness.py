"""How long after their own timestamp events came to be seen; measured from arrivals, pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from insights_pipeline.lake import Arrival

# Enough for percentiles of one arrival without letting a flood of late events swell the manifest.
SAMPLE = 200


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
