"""The tenant: organizations and their events as shelves. How events come about is told in the modules beside this."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self

from insights_pipeline.emulator.store import Row, Shelf, ShelfKey
from insights_pipeline.emulator.tenant.bulk import BulkShelf, fields_of
from insights_pipeline.emulator.tenant.company import Company, found_company, object_id
from insights_pipeline.emulator.tenant.dated import DatedEvent, shelve
from insights_pipeline.emulator.tenant.days import events_of_day
from insights_pipeline.emulator.tenant.given import encoded_rows, read_events
from insights_pipeline.emulator.tenant.provider import provider_events_of_day
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
    ) -> Self:
        """An invented company or several (then with a provider of their own), with the events of the `days` UTC days up to and with `last_day`.

        `organizations` are ids, or how many to invent. A weekday of each has about `events_per_day` events.
        """
        ids = _organization_ids(seed, organizations)
        shelves: dict[ShelfKey, Shelf] = {}
        labels: dict[str, str] = {}
        fields: set[str] = set()
        for organization in ids:
            company = found_company(seed, organization)
            events: list[DatedEvent] = []
            for age in range(days):
                day = last_day - timedelta(days=age)
                events += events_of_day(seed, company, day, events_per_day)
                events += story_of_day(seed, company, day, last_day)
            rows_by_service, labels_of_company = shelve(events)
            labels |= labels_of_company
            shelves |= {(organization, service): rows for service, rows in rows_by_service.items()}
            fields |= {name for dated in events for name in dated.event}
        if len(ids) == 1:
            return cls(ids, shelves, frozenset(fields), labels=labels)
        # Several organizations are a provider's customers; the last company's administrators look after its portal.
        (provider,) = _organization_ids(seed, 1, "provider")
        shelves[provider, "directory"] = _provider_rows(seed, provider, company, last_day, days)
        return cls(ids, shelves, frozenset(fields), provider=provider, labels=labels)

    @classmethod
    def bulk(
        cls,
        *,
        first_day: date,
        days: int,
        events_per_day: Mapping[str, int],
        burst_share: float = 0.0,
        burst_second: int = 43_200,
        variety: int = 64,
        seed: int = 0,
    ) -> Self:
        """One organization with so many events a day of each service named, made as they are read.

        See :class:`~insights_pipeline.emulator.tenant.bulk.BulkShelf` for how they lie in the day. None expires.
        """
        (organization,) = _organization_ids(seed, 1)
        company = found_company(seed, organization)
        shelves = {
            (organization, service): BulkShelf(
                company,
                service,
                first_day,
                days=days,
                events_per_day=count,
                burst_share=burst_share,
                burst_second=burst_second,
                variety=variety,
            )
            for service, count in events_per_day.items()
        }
        fields = frozenset[str]().union(*(fields_of(shelf) for shelf in shelves.values()))
        return cls((organization,), dict(shelves), fields, retention_days=None)

    @classmethod
    def from_files(cls, paths: Iterable[Path]) -> Self:
        """The events of JSON Lines files as one organization's, whatever organization they name; none expires.

        An event without a service is the directory's, one without a timestamp is found where the event before it is.
        Raises ValueError for a line that is no JSON object, OSError for a file that can't be read.
        """
        rows_by_service, fields = read_events(paths)
        (organization,) = _organization_ids(0, 1)
        shelves = {(organization, service): rows for service, rows in rows_by_service.items()}
        return cls((organization,), shelves, fields, retention_days=None)

    @classmethod
    def empty(cls, organizations: int | Sequence[str] = 1) -> Self:
        """Organizations without an event, to be given some with :meth:`with_events`; none expires."""
        return cls(_organization_ids(0, organizations), {}, frozenset(), retention_days=None)

    def with_events(self, service: str, events: Sequence[Mapping[str, Any]], organization: str | None = None) -> Self:
        """The same tenant with more events filed under a service, which need not be a known one.

        Anything goes: events without an id, service or timestamp (see :meth:`from_files`), or the same one twice.
        `organization` may be left out where there is only one.
        """
        owner = organization or self.sole_organization
        shelf = list(self.shelves.get((owner, service), ()))
        shelf += encoded_rows(events, len(shelf))
        shelves = {**self.shelves, (owner, service): sorted(shelf)}
        return replace(self, shelves=shelves, fields=self.fields.union(*events))

    def owner(self, org: str) -> str:
        """The id behind a name: an organization's id, ``provider-<id>``, or ``self`` for the only organization."""
        return self.sole_organization if org == "self" else org.removeprefix("provider-")

    @property
    def sole_organization(self) -> str:
        """The organization's id where there is only one; ValueError otherwise."""
        (organization,) = self.organizations
        return organization


def _provider_rows(seed: int, provider: str, company: Company, last_day: date, days: int) -> list[Row]:
    period = (last_day - timedelta(days=age) for age in range(days))
    rows_by_service, _ = shelve(
        event for day in period for event in provider_events_of_day(seed, provider, company, day)
    )
    return rows_by_service.get("directory", [])


def _organization_ids(seed: int, organizations: int | Sequence[str], kind: str = "organizations") -> tuple[str, ...]:
    if not isinstance(organizations, int):
        return tuple(organizations)
    rng = random.Random(f"{kind}:{seed}")
    return tuple(object_id(rng) for _ in range(organizations))
