"""Small days of one service normalized together: planning a query costs as much as typing thousands of events.

What comes out is what `normalize` makes of each day alone; days too large for it, and those with a page that can't be
read, are left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from insights_pipeline.events import parquet, rows
from insights_pipeline.events.ahead import ahead
from insights_pipeline.events.database import session
from insights_pipeline.events.normalize import MEMORY_LIMIT, normalize_day
from insights_pipeline.events.pages import CorruptPage, Page, verified
from insights_pipeline.events.parts import ROWS_PER_PART
from insights_pipeline.events.reading import Reader
from insights_pipeline.events.rejects import write_rejects
from insights_pipeline.events.schema import arrow_schema, service_fields
from insights_pipeline.events.tally import NormalizedDay, Tally
from insights_pipeline.events.typed import Typed, Typist
from insights_pipeline.lake import AtHand, DayKey, Lake, Manifest

# Their shares of the queries' planning are then below 1 ms, and all of them are written again if one has a damaged page.
DAYS_TOGETHER: Final = 200

# Writing a small file is mostly waiting for the disk to have it.
_WRITERS: Final = 4

Days = Iterable[tuple[DayKey, Manifest]]
"""Of one service."""


def normalize_days(lake: Lake, days: Days, then: Callable[[NormalizedDay], None]) -> Iterator[NormalizedDay]:
    """Writes the typed file of each day as `normalize_day` does, in any order; memory is that of one part of a large day.

    `then` is told of each as soon as its files are in place, by several threads. Raises LakeError.
    """
    with ThreadPoolExecutor(_WRITERS) as writers, ahead(_typed(lake, days)) as batches:
        for batch, alone in batches:
            yield from writers.map(partial(_written, lake, then), batch)
            for key in alone:
                day = normalize_day(lake, key)
                then(day)
                yield day


@dataclass(frozen=True, slots=True)
class _Raw:
    """A day's sound pages, numbered through all days of the batch, and the others."""

    key: DayKey
    pages: Sequence[Page]
    corrupt: Sequence[CorruptPage]


@dataclass(frozen=True, slots=True)
class _Made:
    """A day ready to be written; without events, `typed` is None."""

    raw: _Raw
    tally: Tally
    typed: Typed | None


_Batch = tuple[list[_Made], list[DayKey]]
"""Days that are ready, and days that have to be normalized alone."""


def _typed(lake: Lake, days: Days) -> Iterator[_Batch]:
    with session(MEMORY_LIMIT) as reading, session(MEMORY_LIMIT) as typing:
        reader: Reader | None = None  # of all batches: it has learned by then what events of the service look like
        for batch in together(days):
            service = batch[0][0].service
            if len(batch) == 1 and batch[0][1].pages:
                yield [], [batch[0][0]]
                continue
            reader = reader or Reader(service_fields(service), reading)
            with lake.at_hand() as at_hand:
                raws = _raws(lake, at_hand, batch)
                pages = [page for raw in raws for page in raw.pages if page.rows]
                table, corrupt = reader.rows(pages) if pages else (None, [])
            if corrupt:
                yield [], [raw.key for raw in raws]
            elif table is None:
                yield [_Made(raw, Tally(), None) for raw in raws], []
            else:
                typist = Typist(service, {page.number: page for page in pages}, typing)
                yield _made(raws, table, typist), []


def together(days: Days) -> Iterator[list[tuple[DayKey, Manifest]]]:
    """Days that are normalized in one go; one that is too large for a part is alone."""
    batch: list[tuple[DayKey, Manifest]] = []
    filled = 0
    for key, manifest in days:
        size = sum(page.rows for page in manifest.pages)
        if batch and (filled + size > ROWS_PER_PART or len(batch) == DAYS_TOGETHER):
            yield batch
            batch, filled = [], 0
        batch.append((key, manifest))
        filled += size
    if batch:
        yield batch


def _raws(lake: Lake, at_hand: AtHand, batch: Sequence[tuple[DayKey, Manifest]]) -> list[_Raw]:
    raws: list[_Raw] = []
    first = 0
    looked_at = lake.each(lambda day: verified(lake, at_hand, *day), batch)
    for (key, manifest), (pages, corrupt) in zip(batch, looked_at, strict=True):
        raws.append(_Raw(key, [replace(page, number=first + page.number) for page in pages], corrupt))
        first += len(manifest.pages)
    return raws


def _made(raws: Sequence[_Raw], table: pa.Table, typist: Typist) -> list[_Made]:
    owners = np.full(1 + max(page.number for raw in raws for page in raw.pages), -1)
    for owner, raw in enumerate(raws):
        owners[[page.number for page in raw.pages]] = owner
    owner_of_row = owners[table["page"].to_numpy()]
    table = table.take(np.argsort(owner_of_row, kind="stable")).combine_chunks()
    starts = np.searchsorted(np.sort(owner_of_row), np.arange(len(raws) + 1)).tolist()
    tallies = [Tally() for _ in raws]
    events = [
        _kept(raw, table.slice(start, end - start), tally)
        for raw, tally, start, end in zip(raws, tallies, starts[:-1], starts[1:], strict=True)
    ]
    filled = [own for own in events if own.num_rows]
    typed = iter(typist.each_typed(filled) if filled else [])
    return [
        _Made(raw, tally, next(typed) if own.num_rows else None)
        for raw, tally, own in zip(raws, tallies, events, strict=True)
    ]


def _kept(raw: _Raw, read: pa.Table, tally: Tally) -> pa.Table:
    """The day's own events, each once and in order."""
    pages = {page.number: page for page in raw.pages}
    placed, rejects = rows.placed(read, pages)
    tally.rejected(rejects)
    of_day = rows.chosen(placed, rows.within(placed, raw.key.start, raw.key.end))
    tally.beyond += placed.num_rows - of_day.num_rows
    kept, repeated, losers = rows.deduplicated(of_day, pages)
    tally.deduplicated(repeated, losers)
    return rows.in_order(kept)


def _written(lake: Lake, then: Callable[[NormalizedDay], None], made: _Made) -> NormalizedDay:
    key, tally = made.raw.key, made.tally
    if made.typed is None:
        content = _file_without_rows(key.service)
        lake.write(key.events_file, content)
        size = len(content)
    else:
        with lake.writing(key.events_file) as temporary:
            with parquet.writer(temporary, arrow_schema(key.service)) as writer:
                writer.write(made.typed.table)
            size = Path(temporary).stat().st_size
        tally.written(made.typed)
    write_rejects(lake, key, tally.rejects)
    day = tally.day(key, size, made.raw.corrupt)
    then(day)
    return day


@cache
def _file_without_rows(service: str) -> bytes:
    """Of most days of most services."""
    sink = pa.BufferOutputStream()
    with parquet.writer(sink, arrow_schema(service)):
        pass
    content: bytes = sink.getvalue().to_pybytes()
    return content
