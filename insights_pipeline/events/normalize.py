"""From the raw pages of one day to its typed Parquet file: a pure function of what the manifest names, without network."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import parquet
from insights_pipeline.events.pages import CorruptPage, verified
from insights_pipeline.events.rejects import write_rejects
from insights_pipeline.events.staging import staging
from insights_pipeline.lake import DayKey, Lake, LakeError

# Leaves room below 1 GB for what Arrow holds beside DuckDB.
MEMORY_LIMIT: Final = "700MB"


@dataclass(frozen=True, slots=True)
class NormalizedDay:
    """What became of a day's raw events."""

    key: DayKey
    file: str
    """The typed file, relative to the lake."""
    rows: int
    bytes: int
    rejected: int
    """Events that can't be placed or told apart: no id, no timestamp that can be read, not even an object."""
    conflicts: int
    """Events put aside because another body with their id was fetched later."""
    repeated: int
    """Copies left out, equal to the last byte."""
    beyond: int
    """Events left out because they happened on another day, whose file has them."""
    misfits: dict[str, int]
    """Events by path whose value did not fit its column."""
    unknown_fields: dict[str, int]
    """Events by path that no field describes."""
    event_types: dict[str, int]
    """Events by type, those without one left out."""
    first_timestamp: datetime | None
    last_timestamp: datetime | None
    corrupt_pages: tuple[CorruptPage, ...]
    """Pages that could not be used: the day lacks their events until they are fetched again."""


def normalize_day(lake: Lake, key: DayKey, *, memory_limit: str = MEMORY_LIMIT) -> NormalizedDay:
    """Writes the day's typed file, and its rejects beside it, from the pages that the manifest names.

    The same pages give the same rows in the same order. A day without events gives a file without rows. Raises
    LakeError when the day was never fetched, or a file can't be written.
    """
    manifest = lake.manifest(key)
    if manifest is None:
        raise LakeError(
            f"There is no manifest in {lake.location(key.raw_folder)}: collect that day before normalizing it."
        )
    pages, corrupt = verified(lake, key, manifest)
    with staging(key.service, memory_limit) as staged:
        corrupt += staged.load(pages)
        beyond = staged.outside(key.start, key.end)
        rejects = staged.reject()
        duplicates, losers = staged.deduplicate()
        unknown_fields = staged.unknown_fields()
        table = staged.typed()
    write_rejects(lake, key, [*rejects, *losers])
    with lake.writing(key.events_file) as temporary:
        with parquet.writer(temporary, table.schema) as writer:
            writer.write_table(table, row_group_size=parquet.ROWS_PER_GROUP)
        size = Path(temporary).stat().st_size
    instants = table["timestamp"]
    return NormalizedDay(
        key=key,
        file=key.events_file,
        rows=table.num_rows,
        bytes=size,
        rejected=len(rejects),
        conflicts=duplicates.conflicts,
        repeated=duplicates.repeated,
        beyond=beyond,
        misfits=_counts(pc.list_flatten(table["misfits"])),
        unknown_fields=unknown_fields,
        event_types=_counts(table["event_type"]),
        first_timestamp=instants[0].as_py() if table.num_rows else None,
        last_timestamp=instants[-1].as_py() if table.num_rows else None,
        corrupt_pages=tuple(sorted(corrupt, key=lambda page: page.file)),
    )


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    counted = values.drop_null().value_counts()
    return dict(sorted(Counter({entry["values"]: entry["counts"] for entry in counted.to_pylist()}).items()))
