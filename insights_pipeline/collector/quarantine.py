"""Takes damaged pages out of a manifest, so that the next run fetches their slices again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from insights_pipeline.lake import DayKey, Failure, Lake, Manifest


def quarantine(lake: Lake, key: DayKey, files: Collection[str], now: datetime) -> Manifest | None:
    """Forgets the slices that the damaged pages belong to and says so; the day is `short` until they are fetched again.

    The files stay where they are until that fetch has been committed.
    """
    manifest = lake.manifest(key)
    if manifest is None or not any(page.file in files for page in manifest.pages):
        return manifest
    sound = [part for part in manifest.slices if not any(page.file in files for page in part.pages)]
    named = ", ".join(sorted(files))
    short = msgspec.structs.replace(
        manifest,
        slices=sound,
        held_events=sum(part.held for part in sound),
        state="open" if manifest.state == "open" else "short",
        failure=Failure(at=now, reason=f"Pages on disk are damaged and will be fetched again: {named}"),
    )
    lake.write_manifest(short)
    return short
