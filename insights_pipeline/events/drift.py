"""What events had that nobody declared: new fields, new event types, values that did not fit. Pure; nothing is read here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from insights_pipeline.events.tally import NormalizedDay


class DriftKind(StrEnum):
    """In what way events differ from what is declared."""

    FIELD = "field"
    """A member that no column is made of."""
    EVENT_TYPE = "event_type"
    """A type that the catalogue does not have for the service."""
    MISFIT = "misfit"
    """A value of another type than its column's."""


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One difference, over all days that have it. Names of members and types alone, never a value."""

    service: str
    kind: DriftKind
    name: str
    """Dotted path of the member, or the event type."""
    since: date
    """First UTC day that has it, among those looked at."""
    latest: date
    days: int
    events: int
    example: str
    """A typed file with such events, relative to the lake."""


def drift_of(days: Iterable[NormalizedDay], known_types: frozenset[tuple[str, str]]) -> list[Drift]:
    """Differences of the given days, by service, kind and name. `known_types` are pairs of service and event type."""
    found: dict[tuple[str, DriftKind, str], Drift] = {}
    for day in days:
        for kind, name, events in _differences(day, known_types):
            new = Drift(day.key.service, kind, name, day.key.day, day.key.day, 1, events, day.file)
            known = found.get((new.service, kind, name))
            found[new.service, kind, name] = new if known is None else _joined(known, new)
    return sorted(found.values())


def _differences(day: NormalizedDay, known_types: frozenset[tuple[str, str]]) -> Iterator[tuple[DriftKind, str, int]]:
    for name, events in day.unknown_fields.items():
        yield DriftKind.FIELD, name, events
    for name, events in day.event_types.items():
        if (day.key.service, name) not in known_types:
            yield DriftKind.EVENT_TYPE, name, events
    for name, events in day.misfits.items():
        yield DriftKind.MISFIT, name, events


def _joined(known: Drift, new: Drift) -> Drift:
    latest = new if new.latest >= known.latest else known
    return Drift(
        known.service,
        known.kind,
        known.name,
        min(known.since, new.since),
        latest.latest,
        known.days + new.days,
        known.events + new.events,
        latest.example,
    )
