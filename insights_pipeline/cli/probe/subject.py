"""What every question is asked of: a client, the days that may be asked for, and a page of events to try things on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from insights_pipeline.jumpcloud import DirectoryInsights, EventQuery, Page
from insights_pipeline.lake import Lake
from insights_pipeline.settings import Settings

# Enough that some of them bear fractions of a millisecond, and a tenth of a full page.
SAMPLE_EVENTS = 1_000

SAMPLE_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Subject:
    """One organization's events, as the settings' credential may read them. Times are UTC."""

    client: DirectoryInsights
    services: Sequence[str]
    settings: Settings
    lake: Lake
    now: datetime
    sample: Page
    """Up to 1,000 events of the days before, none of which is still being written; possibly without any."""

    @property
    def settled_until(self) -> datetime:
        """The last midnight before which all events are taken to be there."""
        return settled_until(self.settings, self.now)

    @property
    def oldest(self) -> datetime:
        """The first instant of the retention that is set."""
        return datetime.combine(self.settings.oldest_day(self.now), time(), UTC)

    @property
    def settled_second(self) -> tuple[datetime, datetime]:
        """A second that no event is added to any more: enough to ask for what has no need of events."""
        return self.settled_until - timedelta(seconds=1), self.settled_until


def settled_until(settings: Settings, now: datetime) -> datetime:
    """The last midnight before which all events are taken to be there."""
    return datetime.combine((now - timedelta(minutes=settings.settle_minutes)).date(), time(), UTC)


async def take_sample(client: DirectoryInsights, settings: Settings, now: datetime) -> Page:
    """The first events of the settled week; raises JumpCloudError."""
    end = settled_until(settings, now)
    return await client.page(EventQuery("all", end - SAMPLE_DAYS, end, limit=SAMPLE_EVENTS))
