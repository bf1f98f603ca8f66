"""Which services are behind: by what is held of the newest day that should be closed, not by when something last ran. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from insights_pipeline.collector.coverage import Coverage
from insights_pipeline.settings import Settings

# The daily run starts two hours into the day; two more are for a long queue and for trying again.
GRACE = timedelta(hours=4)


def due_day(settings: Settings, now: datetime) -> date:
    """The newest UTC day that should have been counted after it closed."""
    return (now - timedelta(minutes=settings.settle_minutes) - GRACE).date() - timedelta(days=1)


def behind(rows: Iterable[Coverage], settings: Settings, now: datetime) -> list[Coverage]:
    """Of the newest day that is due, the rows that nobody has counted since the day was over, sorted."""
    day = due_day(settings, now)
    return sorted(
        (row for row in rows if row.date == day and day >= settings.first_day(now) and not _counted_closed(row)),
        key=lambda row: (row.org, row.service),
    )


def _counted_closed(row: Coverage) -> bool:
    return row.state not in ("open", "missing", "unverified") and row.counted_at is not None
