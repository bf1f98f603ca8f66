"""What somebody is to be told: a key by which it is told once, and a sentence. Pure, and without personal data.

Names of services, members, event types and programs, days and counts; no account, no address, no value of an event.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from insights_pipeline.collector import Coverage, Unasked
from insights_pipeline.events import Drift, DriftKind


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is so now."""

    key: str
    sentence: str | None
    """None for what is to be known, but not to be told."""


@dataclass(frozen=True, slots=True)
class Source:
    """A caller that still has an old admin API key, without who and where it is."""

    caller_id: str
    integration: str
    api_path: str | None
    attempts: int
    status: str
    reopened: bool


_DRIFT = {
    DriftKind.FIELD: "have the member {name}, which no column is made of",
    DriftKind.EVENT_TYPE: "have the type {name}, which the catalogue lacks",
    DriftKind.MISFIT: "have values in {name} that don't fit the column",
}


def news(findings: Iterable[Finding], known: frozenset[str]) -> list[str]:
    """The sentences that were not told before."""
    return [finding.sentence for finding in findings if finding.sentence is not None and finding.key not in known]


def known_keys(cursor: str | None) -> frozenset[str]:
    """What a sensor's cursor remembers; nothing where it is empty."""
    return frozenset(json.loads(cursor)) if cursor else frozenset()


def cursor_of(findings: Iterable[Finding]) -> str:
    """What to remember: only what is still so, that it may be told again when it comes back."""
    return json.dumps(sorted({finding.key for finding in findings}))


def days_at_risk(rows: Iterable[Coverage]) -> Iterator[Finding]:
    """Of days without proof that JumpCloud is about to delete, one finding an organization and day."""
    by_day = sorted(rows, key=lambda row: (row.expires_on, row.org, row.date, row.service))
    for (expires_on, org, date), of_day in groupby(by_day, key=lambda row: (row.expires_on, row.org, row.date)):
        services = ", ".join(f"{row.service} ({row.state})" for row in of_day)
        yield Finding(
            f"expiring:{org}:{date}",
            f"JumpCloud deletes {date} of {org} on {expires_on}, and it isn't proven: {services}.",
        )


def services_behind(rows: Sequence[Coverage]) -> Iterator[Finding]:
    """One for all services that were not counted since the newest day closed; another only once they had caught up."""
    if rows:
        services = ", ".join(sorted({row.service for row in rows}))
        yield Finding("behind", f"{rows[0].date} was not counted since it closed: {services}.")


def publication_behind(published: datetime | None, *, late: bool) -> Iterator[Finding]:
    """That nothing was published for too long."""
    if late:
        since = f"since {published:%Y-%m-%d %H:%M} UTC" if published else "ever"
        yield Finding("unpublished", f"No database was published {since}: look at the newest failed run.")


def new_drift(drift: Iterable[Drift]) -> Iterator[Finding]:
    """Differences of events from what is declared."""
    for one in drift:
        what = _DRIFT[one.kind].format(name=one.name)
        yield Finding(
            f"{one.service}:{one.kind}:{one.name}",
            f"Events of {one.service} since {one.since} {what} ({one.events:,} events).",
        )


def new_services(days: Iterable[Unasked]) -> Iterator[Finding]:
    """Services that have events and that nobody asked for, each told once for an organization."""
    for day in days:
        for service in sorted(day.services) or ["one that isn't named"]:
            yield Finding(
                f"unasked:{day.org}:{service}",
                f"JumpCloud has events of a service that isn't collected for {day.org}, first seen on {day.date}: {service}.",
            )


def old_key_sources(sources: Iterable[Source]) -> Iterator[Finding]:
    """Callers that are new, or called again after they had been taken for closed."""
    for source in sources:
        what = f"{source.integration} calling {source.api_path or 'an API that it does not name'}, {source.attempts:,} attempts"
        told = source.status != "closed" and not source.reopened
        yield Finding(source.caller_id, f"New source with an old admin API key: {what}." if told else None)
        if source.reopened:
            yield Finding(
                f"{source.caller_id}:reopened",
                f"A source that was taken for closed uses an old admin API key again: {what}.",
            )
