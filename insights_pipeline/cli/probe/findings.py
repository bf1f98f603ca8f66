"""What each question found, as figures and facts: no sentence, no event's content, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from insights_pipeline.collector import Lateness


@dataclass(frozen=True, slots=True)
class EndReading:
    """Whether a window that ends so close to an event holds it; None where no event suits the trial."""

    at_its_instant: bool | None
    """The window ends on the event's own instant, which is in whole milliseconds."""
    at_its_millisecond: bool | None
    """It ends on the event's instant cut to milliseconds, which is earlier."""
    at_its_second: bool | None
    """It ends on the event's instant cut to seconds, which is earlier."""


@dataclass(frozen=True, slots=True)
class LimitReading:
    """What became of a limit above the documented maximum."""

    asked: int
    used: int | None
    """What X-Limit says; None where the answer didn't."""
    refusal: str = ""
    """What JumpCloud said where it refused."""


@dataclass(frozen=True, slots=True)
class PastRetention:
    """What comes of asking for days from before the retention that is set, and where the events really begin."""

    asked_from: datetime
    asked_until: datetime
    events: int | None
    """None where it was refused."""
    oldest_event: datetime | None
    """The first event's instant within the retention, UTC."""
    retention_days: int
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ServiceSum:
    """The count of `all` beside those of the services, for one closed UTC day."""

    date: date
    all_events: int
    by_service: dict[str, int]
    refused: list[str]
    """Services that were not counted because they don't exist here."""
    borne: dict[str, int]
    """Where the sums differ: how many events of `all` bear which service's name."""

    @property
    def sum_events(self) -> int:
        """Of the services, added up."""
        return sum(self.by_service.values())


@dataclass(frozen=True, slots=True)
class AcceptedServices:
    """Which names the region takes."""

    how: Literal["listed", "tried", "any"]
    """Told in the refusal of a name that can't exist; tried one by one; or even such a name was taken."""
    accepted: list[str]
    refused: list[str]
    """Of the names known from anywhere."""
    unasked: list[str]
    """Accepted and not collected."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How late events came, from the lake's manifests."""

    services: list[Lateness]


@dataclass(frozen=True, slots=True)
class Identities:
    """Ids and texts of a page of events."""

    events: int
    without_id: int
    ids_of_several_texts: int
    texts_of_several_ids: int
    """Texts that are the same but for the id."""


@dataclass(frozen=True, slots=True)
class EmptyAnswer:
    """Headers of an answer without events; None for one that isn't sent."""

    is_empty_list: bool
    """Otherwise the search for an id that no event has was not obeyed."""
    result_count: str | None
    limit: str | None
    sort: str | None
    search_after: str | None
    """What it holds, as JSON types: a cursor itself says nothing."""


@dataclass(frozen=True, slots=True)
class Compression:
    """Whether a page came compressed to a client that offered to take it so."""

    encoding: str | None
    body_bytes: int
    """Of the page, decompressed: small answers may be left as they are."""


@dataclass(frozen=True, slots=True)
class OldKeyShape:
    """How events of `admin_old_api_key_attempt` are built: JSON types by path, no value."""

    events: int
    types: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that failed, or isn't asked."""

    reason: str


Finding = (
    EndReading
    | LimitReading
    | PastRetention
    | ServiceSum
    | AcceptedServices
    | Arrivals
    | Identities
    | EmptyAnswer
    | Compression
    | OldKeyShape
    | Unanswered
)
