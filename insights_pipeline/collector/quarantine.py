"""Takes damaged pages out of a manifest, so that the next run fetches their slices again."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

import msgspec

from insights_pipeline.collector.account import Reading
from insights_pipeline.collector.landing import DamagedPage, held_rows
from insights_pipeline.collector.ledger import window_of
from insights_pipeline.lake import DayKey, Failure, Lake, Manifest, Slice


def quarantine(lake: Lake, key: DayKey, files: Collection[str], now: datetime) -> Manifest | None:
    """Forgets the damaged pages and says so; the day is `short` until their slices have been fetched again.

    The sound pages of those slices stay: should the API have lost an event since, only they hold it.
    """
    manifest = lake.manifest(key)
    if manifest is None or not any(page.file in files for page in manifest.pages):
        return manifest
    slices = [_without(lake, key, part, files) for part in manifest.slices]
    named = ", ".join(sorted(files))
    short = msgspec.structs.replace(
        manifest,
        slices=slices,
        held_events=sum(part.held for part in slices),
        state="open" if manifest.state == "open" else "short",
        failure=Failure(at=now, reason=f"Pages on disk are damaged and will be fetched again: {named}"),
    )
    lake.write_manifest(short)
    return short


def _without(lake: Lake, key: DayKey, part: Slice, files: Collection[str]) -> Slice:
    """The slice with what its sound pages hold, which falls short of its count."""
    sound = [page for page in part.pages if page.file not in files]
    if len(sound) == len(part.pages):
        return part
    held = Reading(window_of(part))
    for page in sound:
        with suppress(DamagedPage):  # named by the next call
            held.add(held_rows(lake, key, page))
    return msgspec.structs.replace(part, pages=sound, received=held.received, beyond=held.received_beyond)
