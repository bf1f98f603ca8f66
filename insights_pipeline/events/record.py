"""Remembers what normalizing a day came to, so that it is done again only when pages or schema changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby

import msgspec

from insights_pipeline.events.fields import SCHEMA_VERSION
from insights_pipeline.events.processes import Processes
from insights_pipeline.events.small_days import normalize_days, together
from insights_pipeline.events.tally import NormalizedDay
from insights_pipeline.lake import DayKey, EventsFile, Lake, Manifest


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a typed file, and what it was made from."""

    source: str
    day: NormalizedDay
    schema_version: int | None = None
    """Of the file; None in records that were written before it was noted."""


def record_file(key: DayKey) -> str:
    """Beside the typed file."""
    return f"{key.events_folder}/normalized.json"


def normalized(
    lake: Lake, keys: Iterable[DayKey], *, anew: bool = False, processes: Processes | None = None
) -> Iterator[NormalizedDay]:
    """Each day's figures, in any order, typed files made unless they fit their manifests already, or `anew`.

    Days that were never fetched, or whose manifest is damaged, are left out. A day with damaged pages isn't remembered:
    its file is made again once they have been fetched again. Raises LakeError, and ChildProcessError where `processes`
    help with a service that has much to do and one of them was ended from outside.
    """
    for _, of_service in groupby(keys, key=lambda key: key.service):
        due: list[tuple[DayKey, Manifest]] = []
        for found in lake.each(partial(_held, lake, anew=anew), of_service):
            if isinstance(found, NormalizedDay):
                yield found
            elif found is not None:
                due.append((found.key, found))
        if processes is not None and processes.worth(sum(page.rows for _, manifest in due for page in manifest.pages)):
            yield from processes.normalized([[key for key, _ in batch] for batch in together(due)])
        else:
            sources = {key: fingerprint(manifest) for key, manifest in due}
            yield from normalize_days(lake, due, partial(_remember, lake, sources))


def normalized_services(
    lake: Lake, services: Iterable[Sequence[DayKey]], *, anew: bool = False
) -> Iterator[list[NormalizedDay]]:
    """As `normalized`, the days of each service sorted by key; services side by side, in the order given."""
    processes = Processes(lake)

    def days_of(keys: Sequence[DayKey]) -> list[NormalizedDay]:
        return sorted(normalized(lake, keys, anew=anew, processes=processes), key=lambda day: day.key)

    pool = ThreadPoolExecutor(processes.count)
    try:
        # Ended first: nobody waits for a process whose service is no longer wanted.
        with processes:
            yield from pool.map(days_of, services)
    finally:
        pool.shutdown(cancel_futures=True)


def _held(lake: Lake, key: DayKey, *, anew: bool) -> NormalizedDay | Manifest | None:
    """The day's figures where its typed file fits the manifest, else the manifest; None where there is no readable one."""
    manifest = lake.readable_manifest(key)
    known = None if manifest is None or anew else recorded(lake, key)
    if (
        known is None
        or manifest is None
        or known.source != fingerprint(manifest)
        or lake.size(key.events_file) != known.day.bytes
    ):
        return manifest
    return known.day


def _remember(lake: Lake, sources: Mapping[DayKey, str], day: NormalizedDay) -> None:
    if not day.corrupt_pages:
        lake.write(
            record_file(day.key),
            msgspec.json.encode(Record(source=sources[day.key], day=day, schema_version=SCHEMA_VERSION)),
        )


def recorded(lake: Lake, key: DayKey) -> Record | None:
    """What was remembered, or None where there is nothing or it is of another version of this program."""
    try:
        return msgspec.json.decode(lake.read(record_file(key)), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def has_present_columns(lake: Lake, file: EventsFile) -> bool:
    """Whether the typed file is known to have the columns of this version, without opening it."""
    record = recorded(lake, file.key)
    return record is not None and record.schema_version == SCHEMA_VERSION and file.size == record.day.bytes


def fingerprint(manifest: Manifest) -> str:
    """Of everything that decides the typed rows: the pages and the schema, not the counts they were compared with."""
    digest = hashlib.sha256(f"schema {SCHEMA_VERSION}\n".encode())
    for page in manifest.pages:
        digest.update(f"{page.file} {page.sha256} {page.fetched_at.isoformat()}\n".encode())
    return digest.hexdigest()
