"""From the raw pages of one day to its typed Parquet file: a pure function of what the manifest names, without network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from insights_pipeline.events import parquet, rows
from insights_pipeline.events.ahead import ahead
from insights_pipeline.events.database import session
from insights_pipeline.events.pages import Page, verified
from insights_pipeline.events.parts import ROWS_PER_PART, Part, plan
from insights_pipeline.events.reading import Reader
from insights_pipeline.events.rejects import write_rejects
from insights_pipeline.events.rows import Ids, Mask
from insights_pipeline.events.schema import arrow_schema, service_fields
from insights_pipeline.events.tally import NormalizedDay, Tally
from insights_pipeline.events.typed import Typist
from insights_pipeline.lake import DayKey, Lake, LakeError

# Of DuckDB's; 150 MB were too few for a part. Arrow holds the rows beside it: the process peaked at 623 MiB with 5,000,000 events
# of 1 kB and at 778 MiB with 10,000,000, whose ids (8 bytes each, kept and sorted to find one that comes twice) make most of the difference.
MEMORY_LIMIT: Final = "300MB"


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
    with lake.at_hand() as at_hand:
        pages, corrupt = verified(lake, at_hand, key, manifest)
        parts = plan(key, manifest.slices, pages, rows_per_part)
        with lake.writing(key.events_file) as temporary:
            tally = _fill(key, pages, parts, temporary, memory_limit)
            size = Path(temporary).stat().st_size
    write_rejects(lake, key, tally.rejects)
    return tally.day(key, size, corrupt)


def _fill(key: DayKey, pages: Sequence[Page], parts: Sequence[Part], path: str, memory_limit: str) -> Tally:
    """Writes the file; one without rows where the pages have none, which is so on most days of most services."""
    if not any(page.rows for page in pages):
        with parquet.writer(path, arrow_schema(key.service)):
            return Tally()
    with session(memory_limit) as reading, session(memory_limit) as typing:
        by_number = {page.number: page for page in pages}
        day = _Day(key, by_number, Reader(service_fields(key.service), reading))
        typist = Typist(key.service, by_number, typing)
        tally, contested = _write(day, typist, parts, path)
        if len(parts) > 1 and (day.aside or contested.size):
            tally, _ = _write(day, typist, parts, path, contested)
    return tally


class _Day:
    """The day's events, part by part, and those that wait for the part they belong to."""

    def __init__(self, key: DayKey, pages: Mapping[int, Page], reader: Reader) -> None:
        self._key = key
        self._pages = pages
        self._reader = reader
        self.aside: list[pa.Table] = []

    def load(self, part: Part, tally: Tally) -> pa.Table:
        """The events of the part's pages that can be placed, on this day."""
        read, corrupt = self._reader.rows(part.pages)
        tally.corrupt.update(corrupt)
        placed, rejects = rows.placed(read, self._pages)
        tally.rejected(rejects)
        of_day = rows.chosen(placed, rows.within(placed, self._key.start, self._key.end))
        tally.beyond += placed.num_rows - of_day.num_rows
        return of_day

    def deduplicated(self, events: pa.Table, tally: Tally) -> pa.Table:
        kept, repeated, losers = rows.deduplicated(events, self._pages)
        tally.deduplicated(repeated, losers)
        return kept

    def bring_back(self, start: datetime, end: datetime) -> list[pa.Table]:
        """The events that wait aside and happened in [start, end)."""
        waiting, self.aside = self.aside, []
        back = []
        for events in waiting:
            due = rows.within(events, start, end)
            back.append(rows.chosen(events, due))
            self.set_aside(rows.chosen(events, ~due))
        return back

    def set_aside(self, events: pa.Table) -> None:
        if events.num_rows:
            self.aside.append(events)


def _write(
    day: _Day, typist: Typist, parts: Sequence[Part], path: str, contested: Ids | None = None
) -> tuple[Tally, Ids]:
    """Writes the file, part after part; gives what it came to and the ids that more than one part holds.

    Such ids, and events that came in a later part than the one whose time they belong to, are found when it is too
    late for them. Then the file is written again: knowing the contested ids, it begins with putting them aside
    from every part, with the events out of their time, so that each takes its place when its part comes.
    """
    # Filled by two threads, each with figures of its own: what was read, and what was written.
    tally = Tally()
    if contested is not None:
        day.aside.clear()
        for part in parts:
            events = day.load(part, tally)
            day.set_aside(rows.chosen(events, ~_staying(events, part, contested)))
        tally = Tally()
        day.aside = [day.deduplicated(pa.concat_tables(day.aside, promote_options="default"), tally)]
    ids: list[Ids] = []
    with (
        parquet.writer(path, typist.schema) as writer,
        ahead(_parts(day, parts, tally, contested, ids)) as read,
        ahead(map(typist.typed, read)) as typed,
    ):
        for events in typed:
            writer.write(events.table)
            tally.written(events)
    return tally, rows.repeated([*ids, *map(rows.numbers_of_ids, day.aside)])


def _parts(day: _Day, parts: Sequence[Part], tally: Tally, contested: Ids | None, ids: list[Ids]) -> Iterator[pa.Table]:
    """The rows of part after part, in order; `ids` takes the numbers of those that each part holds."""
    for part in parts:
        events = day.load(part, tally)
        if len(parts) > 1:
            staying = _staying(events, part, contested)
            if contested is None:
                day.set_aside(rows.chosen(events, ~staying))
            back = day.bring_back(part.start, part.end)
            events = pa.concat_tables([rows.chosen(events, staying), *back], promote_options="default")
        events = day.deduplicated(events, tally)
        if len(parts) > 1:
            ids.append(rows.numbers_of_ids(events))
        if events.num_rows:
            yield rows.in_order(events)


def _staying(events: pa.Table, part: Part, contested: Ids | None) -> Mask:
    """Which events belong to the part and have no contested id."""
    staying = rows.within(events, part.start, part.end)
    if contested is not None and contested.size:
        staying &= ~np.isin(rows.numbers_of_ids(events), contested)
    return staying
