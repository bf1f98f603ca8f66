"""Remembers what normalizing a day came to, so that it is done again only when pages or schema changed."""

from __future__ import annotations

import hashlib

import msgspec

from insights_pipeline.events.fields import SCHEMA_VERSION
from insights_pipeline.events.normalize import NormalizedDay, normalize_day
from insights_pipeline.lake import DayKey, Lake, Manifest


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a typed file, and what it was made from."""

    source: str
    day: NormalizedDay


def record_file(key: DayKey) -> str:
    """Beside the typed file."""
    return f"{key.events_folder}/normalized.json"


def normalized(lake: Lake, key: DayKey, *, anew: bool = False) -> NormalizedDay | None:
    """The day's figures, its typed file made unless it fits the manifest already, or `anew`; None for a day never fetched, or whose manifest is damaged.

    A day with damaged pages isn't remembered: its file is made again once they have been fetched again. Raises LakeError.
    """
    manifest = lake.readable_manifest(key)
    if manifest is None:
        return None
    source = fingerprint(manifest)
    known = None if anew else recorded(lake, key)
    if known is not None and known.source == source and lake.size(key.events_file) == known.day.bytes:
        return known.day
    day = normalize_day(lake, key)
    if not day.corrupt_pages:
        lake.write(record_file(key), msgspec.json.encode(Record(source=source, day=day)))
    return day


def recorded(lake: Lake, key: DayKey) -> Record | None:
    """What was remembered, or None where there is nothing or it is of another version of this program."""
    try:
        return msgspec.json.decode(lake.read(record_file(key)), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def fingerprint(manifest: Manifest) -> str:
    """Of everything that decides the typed rows: the pages and the schema, not the counts they were compared with."""
    digest = hashlib.sha256(f"schema {SCHEMA_VERSION}\n".encode())
    for page in manifest.pages:
        digest.update(f"{page.file} {page.sha256} {page.fetched_at.isoformat()}\n".encode())
    return digest.hexdigest()
