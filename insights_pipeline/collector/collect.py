"""Collects many days of many services and organizations side by side; one that fails doesn't stop the others."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from insights_pipeline.collector.access import client_for
from insights_pipeline.collector.day import DayCollection
from insights_pipeline.collector.fetch import Service
from insights_pipeline.collector.giving_up import GivingUp
from insights_pipeline.collector.landing import Clock, remove_leftovers
from insights_pipeline.collector.refusal import Refusal, forget_refusal, write_refusal
from insights_pipeline.collector.together import together
from insights_pipeline.collector.unasked import Unasked, find_unasked
from insights_pipeline.collector.window import SECOND, Window
from insights_pipeline.jumpcloud import BadRequest, DirectoryInsights, JumpCloudError, RequestRefused, Unauthorized
from insights_pipeline.lake import DamagedManifest, DayKey, Lake, Manifest, ServiceBusy

# The specification's list calls it `alerts`, its prose `alert`; regions may know either.
OTHER_NAMES = {"alerts": "alert"}

# Another run that holds a service is collecting the same days; after this it is stuck rather than busy.
LOCK_SECONDS = 3600.0

# More slices than requests at once: while one lands its page, another uses the connection.
SLICES_PER_REQUEST = 1.5

# Services under way at once, each of which is held: 200 organizations have 3,200, more than a process may open files,
# and in an object store each hold is written again all the while.
SERVICES_AT_ONCE = 64

# Days of one service under way at once: enough to keep every connection busy, few enough that their rows fit in memory.
DAYS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did for one day: `manifest` is None if nothing could be had; `failure` says what went wrong."""

    key: DayKey
    manifest: Manifest | None
    new_events: int = 0
    failure: str | None = None
    refused: bool = False
    """Whether the region refuses the service: then `failure` names it, and is no reason to call the run a failure."""


Report = Callable[[Outcome], None]


class _ServiceRefused(Exception):
    """The region doesn't accept the service under any of its names."""


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

        Raises Unauthorized, if no organization takes the credential, and LakeError, which nothing else that is asked
        or written could escape; any other failure is in the day's outcome.
        """
        keys = sorted(keys)
        slots = asyncio.Semaphore(math.ceil(self.max_concurrency * SLICES_PER_REQUEST))
        places = asyncio.Semaphore(SERVICES_AT_ONCE)
        giving_up = GivingUp(key.org for key in keys)
        groups = [list(group) for _, group in groupby(keys, key=lambda key: (key.org, key.service))]
        outcomes = await together(self._collect_service(group, places, slots, giving_up, report) for group in groups)
        return [outcome for group in outcomes for outcome in group]

    async def unasked(self, outcomes: Iterable[Outcome], services: Sequence[str]) -> list[Unasked]:
        """Looks for services that nobody asked for on the days that were counted; see `find_unasked`."""
        counted = [outcome.key for outcome in outcomes if outcome.failure is None]
        return await find_unasked(self.lake, self.client, counted, services, self.clock)

    async def _collect_service(
        self,
        keys: Sequence[DayKey],
        places: asyncio.Semaphore,
        slots: asyncio.Semaphore,
        giving_up: GivingUp,
        report: Report,
    ) -> list[Outcome]:
        org, name = keys[0].org, keys[0].service
        try:
            async with places, self.lake.collecting(org, name, LOCK_SECONDS):
                return await self._collect_days(keys, slots, giving_up, report)
        except ServiceBusy:
            minutes = LOCK_SECONDS / 60
            return await self._give_up(
                keys, f"Another run has been collecting {name} for {minutes:.0f} minutes: end it and run again.", report
            )

    async def _collect_days(
        self, keys: Sequence[DayKey], slots: asyncio.Semaphore, giving_up: GivingUp, report: Report
    ) -> list[Outcome]:
        """The first day goes ahead: what it is refused for its siblings needn't ask."""
        first, *rest = keys
        if reason := giving_up.reason(first.org):
            return await self._give_up(keys, reason, report)
        try:
            service, outcome = await self._collect_first(first, slots, giving_up)
        except _ServiceRefused as refusal:
            reason = str(refusal)
            await asyncio.to_thread(
                write_refusal, self.lake, first.org, first.service, Refusal(at=self.clock(), reason=reason)
            )
            return await self._give_up(keys, reason, report, refused=True)
        except Unauthorized as error:
            return await self._give_up(keys, giving_up.denied(first.org, error), report)
        except RequestRefused as error:
            return await self._give_up(keys, str(error), report)
        report(outcome)
        if outcome.failure is None:
            await asyncio.to_thread(forget_refusal, self.lake, first.org, first.service)
        days = asyncio.Semaphore(DAYS_AT_ONCE)

        async def one(key: DayKey) -> Outcome:
            async with days:
                if reason := giving_up.reason(key.org):
                    (outcome,) = await self._give_up([key], reason, report)
                    return outcome
                try:
                    outcome = await self._collect_day(key, service, slots, giving_up)
                except Unauthorized as error:
                    outcome = Outcome(key, await self._held(key), failure=giving_up.denied(key.org, error))
                except RequestRefused as error:
                    outcome = Outcome(key, await self._held(key), failure=str(error))
            report(outcome)
            return outcome

        return [outcome, *await together(one(key) for key in rest)]

    async def _collect_first(
        self, key: DayKey, slots: asyncio.Semaphore, giving_up: GivingUp
    ) -> tuple[Service, Outcome]:
        """The service by the name that the API takes, and the day.

        Raises _ServiceRefused, and RequestRefused for what isn't about a day: the other days would hear the same.
        """
        client = client_for(self.client, key.org)
        for name in (key.service, OTHER_NAMES.get(key.service)):
            if name is None:
                continue
            service = Service(client, name)
            try:
                return service, await self._collect_day(key, service, slots, giving_up)
            except BadRequest as error:
                refused = error
                if not await _accepts_everything(client, key):
                    return service, Outcome(key, await self._held(key), failure=str(error))
        raise _ServiceRefused(f"This region refuses the service {key.service}, which is left out: {refused}")

    async def _collect_day(
        self, key: DayKey, service: Service, slots: asyncio.Semaphore, giving_up: GivingUp
    ) -> Outcome:
        """Raises RequestRefused."""
        try:
            manifest = await asyncio.to_thread(self.lake.manifest, key)
        except DamagedManifest as error:
            return Outcome(key, None, failure=str(error))
        await asyncio.to_thread(remove_leftovers, self.lake, key, manifest)
        collection = DayCollection(
            self.lake, key, service, clock=self.clock, settle=self.settle, slots=slots, manifest=manifest
        )
        fresh = await collection.run()
        await asyncio.to_thread(remove_leftovers, self.lake, key, fresh)
        failure = collection.failure.reason if collection.failure else None
        if failure is not None and collection.counted is None:
            giving_up.unanswered(key.org, failure)
        else:
            giving_up.answered(key.org)
        return Outcome(key, fresh, collection.new_events, failure)

    async def _give_up(
        self, keys: Sequence[DayKey], reason: str, report: Report, *, refused: bool = False
    ) -> list[Outcome]:
        outcomes = [Outcome(key, await self._held(key), failure=reason, refused=refused) for key in keys]
        for outcome in outcomes:
            report(outcome)
        return outcomes

    async def _held(self, key: DayKey) -> Manifest | None:
        """What stays as it was; None where that can't be read either."""
        return await asyncio.to_thread(self.lake.readable_manifest, key)


async def _accepts_everything(client: DirectoryInsights, key: DayKey) -> bool:
    """Whether a query that the API called bad is good with `all` in the service's place; what a 400 says varies."""
    try:
        await Service(client, "all").count(Window(key.start, key.start + SECOND))
    except JumpCloudError:
        return False
    return True
