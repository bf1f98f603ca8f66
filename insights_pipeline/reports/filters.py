"""What somebody wants to see, and the SQL condition that says so; pure. Which columns there are is said by those who ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Field = Literal["time", "day", "org", "service", "event_type", "actor", "outcome", "country"]

UNKNOWN_COUNTRY = ""
"""In `Filters.countries`: rows whose country is not known."""

_SMALLEST_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means anything. `[start, end)` are aware UTC instants; `actor` is a part of the name, in any case."""

    start: datetime | None = None
    end: datetime | None = None
    orgs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    actor: str = ""
    outcomes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of SQL and the values of its question marks."""

    sql: str
    parameters: tuple[object, ...] = ()


def condition(filters: Filters, columns: Mapping[Field, str]) -> Condition:
    """All of the filters that the columns can answer; what was typed stays apart from the SQL, as parameters."""
    parts = [
        *_times(filters, columns),
        *_memberships(filters, columns),
    ]
    if filters.actor.strip() and "actor" in columns:
        # contains, not like: % and _ in a name mean themselves.
        parts.append(Condition(f"contains(lower({columns['actor']}), lower(?))", (filters.actor.strip(),)))
    if not parts:
        return Condition("true")
    return Condition(
        " and ".join(part.sql for part in parts), tuple(value for part in parts for value in part.parameters)
    )


def _times(filters: Filters, columns: Mapping[Field, str]) -> Iterator[Condition]:
    # The day as well as the instant: of the events, only the files of these days are opened then.
    if filters.start is not None:
        if "day" in columns:
            yield Condition(f"{columns['day']} >= ?", (filters.start.date(),))
        if "time" in columns:
            yield Condition(f"{columns['time']} >= ?", (filters.start,))
    if filters.end is not None:
        if "day" in columns:
            yield Condition(f"{columns['day']} <= ?", ((filters.end - _SMALLEST_STEP).date(),))
        if "time" in columns:
            yield Condition(f"{columns['time']} < ?", (filters.end,))


def _memberships(filters: Filters, columns: Mapping[Field, str]) -> Iterator[Condition]:
    wanted: tuple[tuple[Field, Sequence[str]], ...] = (
        ("org", filters.orgs),
        ("service", filters.services),
        ("event_type", filters.event_types),
        ("outcome", filters.outcomes),
        ("country", filters.countries),
    )
    for field, values in wanted:
        if values and field in columns:
            yield _membership(columns[field], values, may_be_unknown=field == "country")


def _membership(column: str, values: Sequence[str], *, may_be_unknown: bool) -> Condition:
    known = tuple(value for value in values if not (may_be_unknown and value == UNKNOWN_COUNTRY))
    parts = [f"{column} in ({', '.join('?' * len(known))})"] if known else []
    if len(known) < len(values):
        parts.append(f"{column} is null")
    return Condition(f"({' or '.join(parts)})", known)
