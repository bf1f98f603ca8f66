"""From the raw pages of one day to its typed Parquet file: a pure function of what the manifest names, without network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import parquet
from insights_pipeline.events.database import session
from insights_pipeline.events.pages import CorruptPage, Page, verified
from insights_pipeline.events.parts import ROWS_PER_PART, Part, plan
from insights_pipeline.events.rejects import Reason, Reject, write_rejects
from insights_pipeline.events.schema import arrow_schema
from insights_pipeline.events.staging import Ids, Staging
from insights_pipeline.events.typed import Chunk, Typist
from insights_pipeline.lake import DayKey, Lake, LakeError

# Leaves room below 1 GB for what Arrow holds beside DuckDB.
MEMORY_LIMIT: Final = "500MB"


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


def normalize_day(
    lake: Lake, key: DayKey, *, memory_limit: str = MEMORY_LIMIT, rows_per_part: int = ROWS_PER_PART
) -> NormalizedDay:
    """Writes the day's typed file, and its rejects beside it, from the pages that the manifest names.

    The same pages give the same rows in the same order, whatever `rows_per_part`, which only bounds memory beside
    `memory_limit`. A day without events gives a file without rows. Raises LakeError when the day was never fetched, or
    a file can't be written.
    """
    manifest = lake.manifest(key)
    if manifest is None:
        raise LakeError(
            f"There is no manifest in {lake.location(key.raw_folder)}: collect that day before normalizing it."
        )
    pages, corrupt = verified(lake, key, manifest)
    parts = plan(key, manifest.slices, pages, rows_per_part)
    with lake.writing(key.events_file) as temporary:
        tally = _fill(key, pages, parts, temporary, memory_limit)
        size = Path(temporary).stat().st_size
    write_rejects(lake, key, tally.rejects)
    conflicts = sum(reject.reason is Reason.CONFLICT for reject in tally.rejects)
    return NormalizedDay(
        key=key,
        file=key.events_file,
        rows=tally.rows,
        bytes=size,
        rejected=len(tally.rejects) - conflicts,
        conflicts=conflicts,
        repeated=tally.repeated,
        beyond=tally.beyond,
        misfits=dict(sorted(tally.misfits.items())),
        unknown_fields=dict(sorted(tally.unknown_fields.items())),
        event_types=dict(sorted(tally.event_types.items())),
        first_timestamp=tally.first_timestamp,
        last_timestamp=tally.last_timestamp,
        corrupt_pages=tuple(sorted({*corrupt, *tally.corrupt}, key=lambda page: page.file)),
    )


class _Tally:
    """What the parts of a day came to so far."""

    def __init__(self) -> None:
        self.rows = self.repeated = self.beyond = 0
        self._rejects: dict[tuple[Reason, str], Reject] = {}
        self.corrupt: set[CorruptPage] = set()
        self.misfits: Counter[str] = Counter()
        self.unknown_fields: Counter[str] = Counter()
        self.event_types: Counter[str] = Counter()
        self.first_timestamp: datetime | None = None
        self.last_timestamp: datetime | None = None

    @property
    def rejects(self) -> list[Reject]:
        return list(self._rejects.values())

    def rejected(self, rejects: Iterable[Reject]) -> None:
        """Parts can share an event that has no place of its own: it is kept once, as it came first."""
        for reject in rejects:
            known = self._rejects.setdefault((reject.reason, reject.event), reject)
            self._rejects[reject.reason, reject.event] = min(known, reject)

    def deduplicated(self, repeated: int, losers: Iterable[Reject]) -> None:
        self.repeated += repeated
        self.rejected(losers)

    def written(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        self.rows += table.num_rows
        self.misfits.update(_counts(pc.list_flatten(table["misfits"])))
        self.event_types.update(_counts(table["event_type"]))
        self.first_timestamp = self.first_timestamp or table["timestamp"][0].as_py()
        self.last_timestamp = table["timestamp"][-1].as_py()


def _fill(key: DayKey, pages: Sequence[Page], parts: Sequence[Part], path: str, memory_limit: str) -> _Tally:
    """Writes the file; one without rows where the pages have none, which is so on most days of most services."""
    if not any(page.rows for page in pages):
        with parquet.writer(path, arrow_schema(key.service)):
            return _Tally()
    with session(memory_limit) as connection:
        staged = Staging(key.service, pages, connection)
        typist = Typist(key.service, connection)
        tally, contested = _write(staged, typist, key, parts, path)
        if len(parts) > 1 and (staged.waiting() or contested.size):
            tally, _ = _write(staged, typist, key, parts, path, contested)
    return tally


def _write(
    staged: Staging, typist: Typist, key: DayKey, parts: Sequence[Part], path: str, contested: Ids | None = None
) -> tuple[_Tally, Ids]:
    """Writes the file, part after part; gives what it came to and the ids that more than one part holds.

    Such ids, and events that came in a later part than the one whose time they belong to, are found when it is too
    late for them. Then the file is written again: knowing the contested ids, it begins with putting them aside
    from every part, with the events out of their time, so that each takes its place when its part comes.
    """
    tally = _Tally()
    if contested is not None:
        staged.empty_aside()
        for part in parts:
            _load(staged, key, part, tally)
            staged.set_aside(part.start, part.end, contested)
        tally = _Tally()
        tally.deduplicated(*staged.deduplicate("aside"))
    ids: list[Ids] = []
    with parquet.writer(path, arrow_schema(key.service)) as writer:
        for table in typist.typed(_chunks(staged, key, parts, tally, contested, ids)):
            writer.write(table)
            tally.written(table)
    return tally, _repeated(np.concatenate([*ids, staged.id_hashes("aside")]))


def _chunks(
    staged: Staging, key: DayKey, parts: Sequence[Part], tally: _Tally, contested: Ids | None, ids: list[Ids]
) -> Iterator[Chunk]:
    """Loads part after part while the chunks of the one before are typed; `ids` takes those that each part holds."""
    for part in parts:
        _load(staged, key, part, tally)
        if len(parts) > 1:
            if contested is None:
                staged.set_aside(part.start, part.end)
            else:
                staged.leave_out(part.start, part.end, contested)
            staged.bring_back(part.start, part.end)
        tally.deduplicated(*staged.deduplicate("staged"))
        tally.unknown_fields.update(staged.unknown_fields())
        if len(parts) > 1:
            ids.append(staged.id_hashes("staged"))
        yield from staged.in_order()


def _load(staged: Staging, key: DayKey, part: Part, tally: _Tally) -> None:
    tally.corrupt.update(staged.load(part.pages))
    tally.beyond += staged.outside(key.start, key.end)
    tally.rejected(staged.reject())


def _repeated(ids: Ids) -> Ids:
    ids.sort()
    return np.unique(ids[1:][ids[1:] == ids[:-1]])


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in values.drop_null().value_counts().to_pylist()}
