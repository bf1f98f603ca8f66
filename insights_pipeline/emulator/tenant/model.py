"""The tenant: organizations and their events as shelves. How events come about is told in the modules beside this."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from insights_pipeline.emulator.store import Shelf, ShelfKey
from insights_pipeline.emulator.tenant.company import PEOPLE_BY_DEFAULT, found_company, object_id
from insights_pipeline.emulator.tenant.dated import DatedEvent, shelve
from insights_pipeline.emulator.tenant.days import events_of_day
from insights_pipeline.emulator.tenant.files import read_events
from insights_pipeline.emulator.tenant.story import story_of_day

RETENTION_DAYS = 90
EVENTS_PER_DAY = 1_800


@dataclass(frozen=True)
class Tenant:
    """Organizations, their events, and what is known about them.

    `organizations` and `provider` are 24-digit hexadecimal ids. `fields` are the top-level names that occur in events.
    `retention_days` is None where events never expire. `labels` say which document belongs to which part of the story.
    """

    organizations: tuple[str, ...]
    shelves: Mapping[ShelfKey, Shelf]
    fields: frozenset[str]
    provider: str | None = None
    retention_days: int | None = RETENTION_DAYS
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def invented(
        cls,
        *,
        seed: int,
        last_day: date,
        days: int,
        organizations: int | Sequence[str] = 1,
        events_per_day: int = EVENTS_PER_DAY,
        people: int = PEOPLE_BY_DEFAULT,
    ) -> Self:
        """An invented company or several, with the events of the `days` UTC days up to and with `last_day`.

        `organizations` are ids, or how many to invent. A weekday of each has about `events_per_day` events.
        """
        ids = _organization_ids(seed, organizations)
        shelves: dict[ShelfKey, Shelf] = {}
        labels: dict[str, str] = {}
        fields: set[str] = set()
        for organization in ids:
            company = found_company(seed, organization, people)
            events: list[DatedEvent] = []
            for age in range(days):
                day = last_day - timedelta(days=age)
                events += events_of_day(seed, company, day, events_per_day)
                events += story_of_day(seed, company, day, last_day)
            rows_by_service, labels_of_company = shelve(events)
            labels |= labels_of_company
            shelves |= {(organization, service): rows for service, rows in rows_by_service.items()}
            fields |= {name for dated in events for name in dated.event}
        return cls(ids, shelves, frozenset(fields), labels=labels)

    @classmethod
    def from_files(cls, paths: Iterable[Path]) -> Self:
        """The events of JSON Lines files as one organization's, whatever organization they name; none expires.

        Where events lack a service or a timestamp, see :func:`~insights_pipeline.emulator.tenant.files.read_events`.
        Raises ValueError for a line that is no JSON object, OSError for a file that can't be read.
        """
        rows_by_service, fields = read_events(paths)
        (organization,) = _organization_ids(0, 1)
        shelves = {(organization, service): rows for service, rows in rows_by_service.items()}
        return cls((organization,), shelves, fields, retention_days=None)


def _organization_ids(seed: int, organizations: int | Sequence[str]) -> tuple[str, ...]:
    if not isinstance(organizations, int):
        return tuple(organizations)
    rng = random.Random(f"organizations:{seed}")
    return tuple(object_id(rng) for _ in range(organizations))
