"""Compares the count of `all` with the sum of the services that are asked for: a difference is a service nobody asked for."""

from __future__ import annotations

import asyncio
import datetime as dt  # the field `date` hides the class of that name
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from insights_pipeline.collector.access import client_for
from insights_pipeline.collector.landing import Clock
from insights_pipeline.collector.refusal import read_refusal
from insights_pipeline.collector.together import together
from insights_pipeline.jumpcloud import DirectoryInsights, EventQuery, JumpCloudError
from insights_pipeline.lake import DayKey, Lake, Manifest
from insights_pipeline.lake.layout import RAW


class Unasked(msgspec.Struct, frozen=True, kw_only=True):
    """A closed UTC day of an organization on which `all` counts other than its services together."""

    org: str
    date: dt.date
    compared_at: datetime
    all_events: int
    """What the API counts for `all`."""
    asked_events: int
    """What it counts for the services asked for, added up."""
    services: dict[str, int]
    """Services that events bear and that were not asked for, with their events; empty where the difference is in others."""


def read_unasked(lake: Lake, org: str, day: dt.date) -> Unasked | None:
    """None for a day whose counts agreed, or were never compared."""
    try:
        return msgspec.json.decode(lake.read(_file(org, day)), type=Unasked)
    except FileNotFoundError:
        return None


async def find_unasked(
    lake: Lake, client: DirectoryInsights, keys: Iterable[DayKey], services: Sequence[str], clock: Clock
) -> list[Unasked]:
    """Compares the organizations' days that the keys name, keeps what differs in the lake and gives it back, sorted.

    One request a day, two where the counts differ. A day is compared once each of `services` was counted whole, those
    aside that the region refuses; an open day isn't, its counts being of different moments. A day whose comparison
    fails is left as it was: the look-back brings it up again. Raises LakeError.
    """
    days = sorted({(key.org, key.day) for key in keys})
    compared = await together(_compare(lake, client, org, day, services, clock) for org, day in days)
    return [found for found in compared if found is not None]


async def _compare(
    lake: Lake, client: DirectoryInsights, org: str, day: dt.date, services: Sequence[str], clock: Clock
) -> Unasked | None:
    manifests = await asyncio.to_thread(_counted, lake, org, day, services)
    if not manifests:
        return None
    asked = sum(manifest.counted or 0 for manifest in manifests)
    start = manifests[0].key.start
    query = EventQuery("all", start, start + timedelta(days=1))
    of_org = client_for(client, org)
    try:
        everything = await of_org.count(query)
        named = (await of_org.distinct(query, "service")).values if everything != asked else []
    except JumpCloudError:
        return None
    if everything == asked:
        await asyncio.to_thread(lake.remove, _file(org, day))
        return None
    known = {name for manifest in manifests for name in (manifest.service, manifest.asked_service)}
    found = Unasked(
        org=org,
        date=day,
        compared_at=clock(),
        all_events=everything,
        asked_events=asked,
        services={name: events for name, events in named if name not in known},
    )
    await asyncio.to_thread(lake.write, _file(org, day), msgspec.json.encode(found))
    return found


def _counted(lake: Lake, org: str, day: dt.date, services: Sequence[str]) -> list[Manifest]:
    """The day's manifests of all services, or none if a sum of their counts would say nothing."""
    manifests = []
    for service in services:
        manifest = lake.readable_manifest(DayKey(org, service, day))
        if manifest is not None and manifest.counted is not None and manifest.state != "open":
            manifests.append(manifest)
        elif manifest is not None or read_refusal(lake, org, service) is None:
            return []
    return manifests


def _file(org: str, day: dt.date) -> str:
    return f"{RAW}/org={org}/unasked/date={day.isoformat()}.json"
