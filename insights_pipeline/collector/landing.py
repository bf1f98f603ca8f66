"""Puts answers on disk as they came, and takes them back for comparison; what they prove is judged elsewhere."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

import pyarrow as pa

from insights_pipeline.jumpcloud import Page, read_elements
from insights_pipeline.lake import DayKey, Lake, Manifest, PageFile

# zstd's default level: higher ones cost the time that fetching takes, for some percent of size.
_CODEC = pa.Codec("zstd", compression_level=3)

Clock = Callable[[], datetime]
"""Now, aware UTC; tests give their own."""


class Landing:
    """One fetch of one day: a folder of its own, whose pages exist once a manifest names them."""

    def __init__(self, lake: Lake, key: DayKey, clock: Clock) -> None:
        self.lake = lake
        self.key = key
        self.clock = clock
        # Sorts by time; the random end keeps two fetches of the same second apart.
        self.fetch_id = f"{clock():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        self._numbers = itertools.count()

    def land(self, page: Page) -> PageFile:
        """Writes the answer's bytes, compressed; raises LakeError. Releases the interpreter while it compresses."""
        data = _CODEC.compress(page.body, asbytes=True)
        file = f"{self.fetch_id}/{next(self._numbers):04d}.json.zst"
        self.lake.write(f"{self.key.raw_folder}/{file}", data)
        return PageFile(
            file=file,
            rows=page.result_count,
            bytes=len(data),
            raw_bytes=len(page.body),
            sha256=hashlib.sha256(data).hexdigest(),
            request_id=page.request_id or "",
            fetched_at=self.clock(),
        )


class DamagedPage(Exception):
    """A page on disk that is gone or isn't what the manifest says."""


def held_rows(lake: Lake, key: DayKey, page: PageFile) -> Iterator[tuple[bytes, object]]:
    """The rows of a landed page, each its text and its timestamp; raises DamagedPage."""
    try:
        data = lake.read(f"{key.raw_folder}/{page.file}")
    except FileNotFoundError as error:
        raise DamagedPage(f"{page.file} is gone") from error
    if hashlib.sha256(data).hexdigest() != page.sha256:
        raise DamagedPage(f"{page.file} is not the file that was written")
    events, heads = read_elements(pa.decompress(data, decompressed_size=page.raw_bytes, codec="zstd", asbytes=True))
    for event, head in zip(events, heads, strict=True):
        yield bytes(event), head.timestamp


def remove_leftovers(lake: Lake, key: DayKey, manifest: Manifest | None) -> int:
    """Removes pages that no manifest names and writes that were cut short; gives how many files went.

    Only for who holds the day's lock: another's fetch under way looks the same.
    """
    named = {page.file for page in manifest.pages} if manifest is not None else set()
    return lake.sweep(key.raw_folder, keep={f"{key.raw_folder}/{file}" for file in named} | {key.manifest_file})
