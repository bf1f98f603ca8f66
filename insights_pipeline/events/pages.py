"""Which raw pages of a day can be trusted: named by the manifest, there, and with the bytes that were landed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import pyarrow as pa

from insights_pipeline.lake import AtHand, DayKey, Lake, Manifest, PageFile

NOT_AN_ARRAY: Final = "is not a JSON array"

_GLANCE: Final = 64 * 2**10
_TIMESTAMP: Final = re.compile(rb'"timestamp"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose bytes are those that were landed."""

    number: int
    """Place among the day's pages, those fetched first in front."""
    file: str
    """Relative to the day's raw folder."""
    location: str
    rows: int
    raw_bytes: int
    fetched_at: datetime
    begins: datetime | None
    """The instant of its first event, where that can be told at a glance; pages of one fetch are in order of time."""


@dataclass(frozen=True, slots=True)
class CorruptPage:
    """A page that can't be used. It stays where it is; its events are not in the typed file."""

    file: str
    """Relative to the day's raw folder."""
    reason: str
    """A clause without payload, as in "page <file> <reason>"."""


def verified(lake: Lake, at_hand: AtHand, key: DayKey, manifest: Manifest) -> tuple[list[Page], list[CorruptPage]]:
    """The pages that the manifest names, those fetched first in front, and those among them that are not as landed.

    The pages' locations hold as long as `at_hand` does.
    """
    looked_at = list(lake.each(partial(_looked_at, at_hand, key), enumerate(manifest.pages)))
    return (
        [page for page in looked_at if isinstance(page, Page)],
        [page for page in looked_at if isinstance(page, CorruptPage)],
    )


def _looked_at(at_hand: AtHand, key: DayKey, numbered: tuple[int, PageFile]) -> Page | CorruptPage:
    number, page = numbered
    try:
        stored, location = at_hand.fetch(f"{key.raw_folder}/{page.file}")
    except FileNotFoundError:
        return CorruptPage(page.file, "is missing")
    if reason := _trouble(stored, page):
        return CorruptPage(page.file, reason)
    return Page(number, page.file, location, page.rows, page.raw_bytes, page.fetched_at, _first_instant(stored))


def _trouble(stored: bytes, page: PageFile) -> str | None:
    if hashlib.sha256(stored).hexdigest() != page.sha256:
        return "does not have the SHA-256 that the manifest names"
    # DuckDB reads an empty file as an array without elements, so a page without rows is looked at here.
    if page.rows == 0 and b"".join(_decompressed(stored).split()) != b"[]":
        return NOT_AN_ARRAY
    return None


def _first_instant(stored: bytes) -> datetime | None:
    """A guess will do: it decides where a day is cut, not which events are in which part."""
    try:
        found = _TIMESTAMP.search(_decompressed(stored, _GLANCE))
        instant = datetime.fromisoformat(found[1].decode()) if found else None
    except (OSError, ValueError):
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _decompressed(stored: bytes, size: int | None = None) -> bytes:
    content: bytes = pa.CompressedInputStream(pa.BufferReader(stored), "zstd").read(size)
    return content
