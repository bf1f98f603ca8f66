"""Raw days as the collector leaves them: pages and the manifest that names them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from insights_pipeline.lake import DayKey, Lake, Manifest, PageFile, Slice

DAY = date(2023, 6, 15)
FETCHED_AT = datetime(2023, 6, 17, 4, tzinfo=UTC)

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Window:
    """A slice of the day and the bodies of its pages: events, or the text of an array as the API sent it."""

    start: datetime
    end: datetime
    bodies: Sequence[Sequence[Event] | str]


def key_of(service: str = "directory", day: date = DAY) -> DayKey:
    return DayKey("641b3db57090821c0b2f8183", service, day)


def land(lake: Lake, key: DayKey, *bodies: Sequence[Event] | str) -> Manifest:
    """One slice for the whole day; each page is fetched a minute after the one before."""
    return land_windows(lake, key, Window(key.start, key.end, bodies))


def land_windows(lake: Lake, key: DayKey, *windows: Window) -> Manifest:
    """Pages are fetched in the order given, one a minute."""
    number = 0
    slices = []
    for window in windows:
        pages = []
        for body in window.bodies:
            pages.append(_page(lake, key, number, body))
            number += 1
        slices.append(
            Slice(
                start=window.start,
                end=window.end,
                expected=sum(page.rows for page in pages),
                received=sum(page.rows for page in pages),
                beyond=0,
                pages=pages,
                fetched_at=FETCHED_AT,
            )
        )
    held = sum(part.received for part in slices)
    manifest = Manifest(
        org=key.org,
        service=key.service,
        date=key.day,
        state="complete",
        asked_service=key.service,
        expected_events=held,
        held_events=held,
        late_events=0,
        counted=held,
        counted_at=FETCHED_AT,
        fetched_at=FETCHED_AT,
        settled_until=key.end,
        slices=slices,
    )
    lake.write_manifest(manifest)
    return manifest


def _page(lake: Lake, key: DayKey, number: int, body: Sequence[Event] | str) -> PageFile:
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    try:
        rows = len(json.loads(text))
    except ValueError:
        rows = 0
    raw = text.encode()
    stored = pa.Codec("zstd").compress(raw, asbytes=True)
    file = f"20230617T040000Z/{number:04}.json.zst"
    lake.write(f"{key.raw_folder}/{file}", stored)
    return PageFile(
        file=file,
        rows=rows,
        bytes=len(stored),
        raw_bytes=len(raw),
        sha256=hashlib.sha256(stored).hexdigest(),
        request_id="00000000-0000-4000-8000-000000000000",
        fetched_at=FETCHED_AT + timedelta(minutes=number),
    )
