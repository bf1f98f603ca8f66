"""What happens in the invented company on one UTC day. A day follows from (seed, organization, day) alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from insights_pipeline.emulator.tenant.catalogue import SERVICES, Hours, ServiceProfile
from insights_pipeline.emulator.tenant.company import Company, Person
from insights_pipeline.emulator.tenant.dated import DatedEvent, finish
from insights_pipeline.emulator.tenant.instants import NANOSECONDS, start_of
from insights_pipeline.emulator.tenant.scene import Scene

# How busy each local hour is, midnight first: work from eight to six with a dip at noon, some evening, little night.
_HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 5, 20, 70, 100, 95, 85, 55, 75, 95, 90, 80, 60, 30, 15, 12, 9, 5, 2)
_CUMULATED_HOURS = tuple(accumulate(_HOUR_WEIGHTS))
# What weekends have of a weekday's events, for what people do and for what machines do.
_WEEKEND: dict[Hours, float] = {"office": 0.12, "always": 0.6}


def events_of_day(seed: int, company: Company, day: date, events_per_day: int) -> Iterator[DatedEvent]:
    """The day's ordinary events, services one after the other, in no order of time.

    `events_per_day` is what a weekday has, on average; weekends have far fewer.
    """
    rng = random.Random(f"day:{seed}:{company.organization}:{day.isoformat()}")
    for service, profile in SERVICES.items():
        weekend = _WEEKEND[profile.hours] if day.weekday() >= 5 else 1.0
        expected = events_per_day * profile.share * weekend * rng.uniform(0.9, 1.1)
        # The fraction decides by chance, so that small services have quiet days rather than none at all.
        count = int(expected) + (rng.random() < expected % 1)
        weights = tuple(accumulate(kind.weight for kind in profile.kinds))
        for kind in rng.choices(profile.kinds, cum_weights=weights, k=count):
            person = rng.choice(company.people)
            scene = Scene(company, rng, _instant(rng, day, person, profile), person, kind.event_type)
            yield DatedEvent(service, finish(service, profile, scene, kind.build(scene)))


def _instant(rng: random.Random, day: date, person: Person, profile: ServiceProfile) -> int:
    within_day = rng.random() * 86_400
    if profile.hours == "office":
        (hour,) = rng.choices(range(24), cum_weights=_CUMULATED_HOURS)
        local = hour * 3_600 + rng.random() * 3_600
        within_day = (local - _offset_seconds(person.office.place.timezone, day)) % 86_400
    return start_of(day) + int(within_day * NANOSECONDS)


@lru_cache(maxsize=1024)
def _offset_seconds(zone: str, day: date) -> float:
    offset = datetime.combine(day, time(12), UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return (offset or timedelta(0)).total_seconds()
