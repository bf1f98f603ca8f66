"""The manifests of a service in one file beside its days, so that years of them aren't read one by one from an object store.

A shortcut and nothing more: a manifest is taken from it only if the listing gives it the version that it was gathered
with. Whoever reads sees the same as without the file, which may be removed at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec
import pyarrow as pa

from insights_pipeline.lake.errors import DamagedManifest, LakeError
from insights_pipeline.lake.files import Files
from insights_pipeline.lake.layout import MANIFEST, DayKey
from insights_pipeline.lake.manifest import Manifest

FILE: Final = "manifests.msgpack.zst"

# A quarter of a year: so many are read in the time of a few listings, and a file is written anew so often.
WORTH_GATHERING: Final = 90

Told = Manifest | DamagedManifest | None
"""A day's manifest, what is wrong with it, or that there is none."""


class _Entry(msgspec.Struct, frozen=True):
    """A manifest as it was in the version that a listing gave it."""

    version: str
    manifest: Manifest


def gathered_manifests(
    files: Files, service: str, keys: Sequence[DayKey], read: Callable[[Sequence[DayKey]], Iterable[Told]]
) -> list[Told]:
    """What is told of each day of the service whose raw folder is given; `read` reads what the file doesn't have.

    Where it lacks many it is written anew, unless that isn't allowed here. Raises LakeError.
    """
    versions = {file.path: file.version for file in files.files_of_folders(service, MANIFEST)}
    entries = {path: entry for path, entry in _load(files, service).items() if versions.get(path) == entry.version}
    unknown = [key for key in keys if key.manifest_file in versions and key.manifest_file not in entries]
    damaged = {}
    for key, told in zip(unknown, read(unknown), strict=True):
        if isinstance(told, Manifest):
            entries[key.manifest_file] = _Entry(versions[key.manifest_file], told)
        else:
            damaged[key.manifest_file] = told
    if len(unknown) - len(damaged) >= WORTH_GATHERING:
        with suppress(LakeError):
            _save(files, service, entries)
    return [
        entries[key.manifest_file].manifest if key.manifest_file in entries else damaged.get(key.manifest_file)
        for key in keys
    ]


def _load(files: Files, service: str) -> dict[str, _Entry]:
    try:
        content = files.read(f"{service}/{FILE}")
    except FileNotFoundError:
        return {}
    try:
        packed = pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()
        return msgspec.msgpack.decode(packed, type=dict[str, _Entry])
    except (OSError, msgspec.MsgspecError):  # damaged, or of another version of this program
        return {}


def _save(files: Files, service: str, entries: Mapping[str, _Entry]) -> None:
    packed = msgspec.msgpack.encode(dict(sorted(entries.items())))
    files.write(f"{service}/{FILE}", pa.Codec("zstd").compress(packed, asbytes=True))
