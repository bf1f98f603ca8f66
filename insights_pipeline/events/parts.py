"""How a day is taken apart so that memory does not grow with it: runs of slices, each with its stretch of time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from insights_pipeline.events.pages import Page
from insights_pipeline.lake import DayKey, Slice

# Two full pages: up to three parts are in work at once, read, typed and written, and each takes some 3 kB an event.
ROWS_PER_PART: Final = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """Pages that are read together, and the stretch of time whose events are written together."""

    start: datetime
    end: datetime
    """First instant after the part, UTC."""
    pages: tuple[Page, ...]


def plan(key: DayKey, slices: Sequence[Slice], pages: Sequence[Page], rows: int = ROWS_PER_PART) -> list[Part]:
    """Parts in order of time that cover the day without gap; more rows than asked for only where one page has them, or
    a slice whose pages are not in order of time because it was fetched more than once.

    Slices have to be in order of time. An event need not lie in its page's part; what then is `normalize`'s.
    """
    sound = {page.file: page for page in pages}
    runs: list[tuple[datetime, list[Page]]] = []
    filled = 0
    for slice_ in slices:
        mine = [sound[page.file] for page in slice_.pages if page.file in sound]
        for start, stretch in _stretches(slice_, mine, rows):
            size = sum(page.rows for page in stretch)
            if not runs or filled + size > rows:
                runs.append((start, []))
                filled = 0
            runs[-1][1].extend(stretch)
            filled += size
    if not runs:
        return [Part(key.start, key.end, ())]
    starts = [key.start, *(start for start, _ in runs[1:])]
    ends = [*starts[1:], key.end]
    return [Part(start, end, tuple(run)) for start, end, (_, run) in zip(starts, ends, runs, strict=True)]


def _stretches(slice_: Slice, pages: Sequence[Page], rows: int) -> list[tuple[datetime, Sequence[Page]]]:
    """The slice as it is, or page by page where it is too large for one part."""
    begins = [slice_.start, *(page.begins for page in pages[1:]), slice_.end]
    in_order = all(before is not None and after is not None and before < after for before, after in pairwise(begins))
    if sum(page.rows for page in pages) <= rows or not in_order:
        return [(slice_.start, pages)]
    return [(begin, [page]) for begin, page in zip(begins, pages, strict=False) if begin is not None]
