"""What a manifest records of one day of one service, and its JSON form; judging those figures is the collector's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from insights_pipeline.lake.layout import DayKey

VERSION = 1

State = Literal["complete", "short", "over", "open", "unverified", "missing", "expired"]


class PageFile(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of the API as received, compressed; pages that no manifest names don't exist."""

    file: str
    """`<fetch id>/<number>.json.zst`, relative to the day's raw folder."""
    rows: int
    """Elements of the JSON array."""
    bytes: int
    """Size of the file."""
    raw_bytes: int
    """Size of the answer's body."""
    sha256: str
    """Of the file as stored, hexadecimal."""
    request_id: str
    """The API's `X-Request-Id`."""
    fetched_at: datetime
    """When the answer had arrived, UTC."""


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the day that was counted and fetched as one."""

    start: datetime
    end: datetime
    """First instant after the slice, UTC; asked for as `end_time`, which the API may read as included."""
    expected: int | None
    """What `/events/count` said for exactly this window; None where it could not be had."""
    received: int
    """Rows that answers to this window hold, rows that the paging repeated left out."""
    beyond: int
    """How many of the received lie on `end` or outside the window: the neighbour's, dropped when normalizing."""
    pages: list[PageFile]
    fetched_at: datetime

    @property
    def proven(self) -> bool:
        """Whether the received account for the count."""
        return self.received == self.expected

    @property
    def held(self) -> int:
        """Events of this window."""
        return self.received - self.beyond


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Events that were not there when their instant was first fetched."""

    seen_at: datetime
    """When a later fetch brought them, UTC."""
    events: int
    lateness_seconds: list[int]
    """From an event's own timestamp to `seen_at`, an upper bound; of each event, or of an even sample of them."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why the last attempt did not bring the proof; text without payloads or secrets."""

    at: datetime
    reason: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One day of one service of one organization: what is held, and what it was compared with."""

    org: str
    service: str
    date: date
    state: State
    asked_service: str
    """The name that the API took (`alerts` is `alert` in some places)."""
    expected_events: int | None
    """The API's count of the day, events on the first instant of the next day left out; None if it was never had."""
    held_events: int
    """Events of the day in the named pages, events that share an id or have none included."""
    late_events: int
    """How many of the held came after their instant had been taken as settled."""
    counted: int | None
    """The last answer of `/events/count` for the whole day, as given."""
    counted_at: datetime | None
    fetched_at: datetime | None
    """When the newest page arrived."""
    settled_until: datetime
    """Events before this instant were old enough to be all there when they were fetched."""
    slices: list[Slice]
    arrivals: list[Arrival] = []
    failure: Failure | None = None
    version: int = VERSION

    @property
    def key(self) -> DayKey:
        """The day that this manifest speaks of."""
        return DayKey(self.org, self.service, self.date)

    @property
    def pages(self) -> list[PageFile]:
        """All pages, those fetched first in front."""
        return sorted(
            (page for part in self.slices for page in part.pages), key=lambda page: (page.fetched_at, page.file)
        )


def encode(manifest: Manifest) -> bytes:
    """Indented JSON, times as RFC 3339: people read manifests too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Raises `msgspec.MsgspecError` when the text is no manifest."""
    return msgspec.json.decode(data, type=Manifest)
