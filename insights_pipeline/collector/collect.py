"""Collects many days of many services and organizations side by side; one that fails doesn't stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from filelock import AsyncFileLock, Timeout

from insights_pipeline.collector.access import client_for
from insights_pipeline.collector.day import DayCollection
from insights_pipeline.collector.fetch import Service
from insights_pipeline.collector.landing import Clock, remove_leftovers
from insights_pipeline.collector.together import together
from insights_pipeline.jumpcloud import BadRequest, DirectoryInsights, RequestRefused, Unauthorized
from insights_pipeline.lake import DayKey, Lake, Manifest

# The specification's list calls it `alerts`, its prose `alert`; regions may know either.
OTHER_NAMES = {"alerts": "alert"}

# Another run that holds a service is collecting the same days; after this it is stuck rather than busy.
LOCK_SECONDS = 3600.0

# Days of one service under way at once: enough to keep every connection busy, few enough that their rows fit in memory.
DAYS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did for one day: `manifest` is None if nothing could be had; `failure` says what went wrong."""

    key: DayKey
    manifest: Manifest | None
    new_events: int = 0
    failure: str | None = None


Report = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Collector:
    """Where days are collected to, from what, and with which patience."""

    lake: Lake
    client: DirectoryInsights
    clock: Clock
    settle: timedelta
    max_concurrency: int

    async def collect(self, keys: Iterable[DayKey], report: Report = lambda _: None) -> list[Outcome]:
        """Collects each day and reports it as it is done.

        Raises Unauthorized and LakeError, which nothing else that is asked or written could escape; any other failure
        is in the day's outcome.
        """
        slots = asyncio.Semaphore(self.max_concurrency)
        groups = [list(group) for _, group in groupby(sorted(keys), key=lambda key: (key.org, key.service))]
        outcomes = await together(self._collect_service(group, slots, report) for group in groups)
        return [outcome for group in outcomes for outcome in group]

    async def _collect_service(self, keys: Sequence[DayKey], slots: asyncio.Semaphore, report: Report) -> list[Outcome]:
        org, name = keys[0].org, keys[0].service
        service = Service(client_for(self.client, org), name)
        days = asyncio.Semaphore(DAYS_AT_ONCE)

        async def one(key: DayKey) -> Outcome:
            async with days:
                outcome = await self._collect_day(key, service, slots)
            report(outcome)
            return outcome

        try:
            async with AsyncFileLock(self.lake.lock_file(org, name), timeout=LOCK_SECONDS):
                return await together(one(key) for key in keys)
        except Timeout:
            minutes = LOCK_SECONDS / 60
            reason = f"Another run has been collecting {name} for {minutes:.0f} minutes: end it and run again."
            return [Outcome(key, None, failure=reason) for key in keys]

    async def _collect_day(self, key: DayKey, service: Service, slots: asyncio.Semaphore) -> Outcome:
        manifest = self.lake.manifest(key)
        await asyncio.to_thread(remove_leftovers, self.lake, key, manifest)
        asked = service.name
        collection = DayCollection(
            self.lake, key, service, clock=self.clock, settle=self.settle, slots=slots, manifest=manifest
        )
        try:
            fresh = await collection.run()
        except Unauthorized:
            raise
        except BadRequest as error:
            if _refuses(error, asked) and _take_other_name(service, asked):
                return await self._collect_day(key, service, slots)
            return Outcome(key, manifest, failure=str(error))
        except RequestRefused as error:
            return Outcome(key, manifest, failure=str(error))
        await asyncio.to_thread(remove_leftovers, self.lake, key, fresh)
        failure = collection.failure.reason if collection.failure else None
        return Outcome(key, fresh, collection.new_events, failure)


def _refuses(error: BadRequest, name: str) -> bool:
    """Whether the query was refused because of the service: the answer lists others, or names this one."""
    return name not in error.valid_services if error.valid_services else name in error.server_message


def _take_other_name(service: Service, refused: str) -> bool:
    """Goes over to the service's other name; True if asking again makes sense, a sibling's switch included."""
    if service.name == refused and refused in OTHER_NAMES:
        service.name = OTHER_NAMES[refused]
    return service.name != refused
