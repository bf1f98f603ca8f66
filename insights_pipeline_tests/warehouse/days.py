"""Makes typed days out of given events, through the same files and code as collected ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from insights_pipeline.events import NormalizedDay, normalize_day
from insights_pipeline.lake import DayKey, Lake, Manifest, PageFile, Slice
from insights_pipeline.warehouse import CoverageDay

Event = Mapping[str, Any]

FETCHED_AT = datetime(2026, 6, 1, 4, tzinfo=UTC)


def write_day(lake: Lake, key: DayKey, events: Sequence[Event | bytes]) -> NormalizedDay:
    """Lands the events as one page, as the collector would, and normalizes the day."""
    bodies = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
    page = b"[" + b",".join(bodies) + b"]"
    stored = pa.compress(page, codec="zstd", asbytes=True)
    lake.write(f"{key.raw_folder}/first/0000.json.zst", stored)
    page_file = PageFile(
        file="first/0000.json.zst",
        rows=len(events),
        bytes=len(stored),
        raw_bytes=len(page),
        sha256=hashlib.sha256(stored).hexdigest(),
        request_id="7d4b1d1e-8e3c-4a51-9a57-3c0a6a1f2b10",
        fetched_at=FETCHED_AT,
    )
    lake.write_manifest(
        Manifest(
            org=key.org,
            service=key.service,
            date=key.day,
            state="complete",
            asked_service=key.service,
            expected_events=len(events),
            held_events=len(events),
            late_events=0,
            counted=len(events),
            counted_at=FETCHED_AT,
            fetched_at=FETCHED_AT,
            settled_until=FETCHED_AT,
            slices=[
                Slice(
                    start=key.start,
                    end=key.end,
                    expected=len(events),
                    received=len(events),
                    beyond=0,
                    pages=[page_file],
                    fetched_at=FETCHED_AT,
                )
            ],
        )
    )
    return normalize_day(lake, key)


def coverage_of(lake: Lake) -> list[CoverageDay]:
    """What the manifests say, as the collector hands it on."""
    manifests = [manifest for key in lake.raw_days() if (manifest := lake.manifest(key))]
    return [
        CoverageDay(
            manifest.org,
            manifest.service,
            manifest.date,
            manifest.state,
            manifest.expected_events,
            manifest.held_events,
            manifest.late_events,
            manifest.counted_at,
            manifest.fetched_at,
            None,
        )
        for manifest in manifests
    ]
