"""What slices that are about to be replaced hold, and what of it the API no longer has; nothing is fetched here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from insights_pipeline.collector.account import Reading
from insights_pipeline.collector.landing import DamagedPage, held_rows
from insights_pipeline.collector.ledger import window_of
from insights_pipeline.lake import DayKey, Lake, PageFile, Slice


@dataclass(frozen=True, slots=True)
class Earlier:
    """The rows on disk of the slices of a region, by page."""

    pages: tuple[tuple[PageFile, Reading], ...]
    fingerprints: frozenset[int]

    def kept_beside(self, slices: Sequence[Slice], fetched: Iterable[Collection[int]]) -> list[Slice]:
        """The new slices, with the old pages named that hold what the API had once and has no more.

        Such rows stay, and make the day `over` as long as the API counts less.
        """
        kept = list(slices)
        lost = set(self.fingerprints).difference(*fetched)
        for page, reading in self.pages:
            gone = reading.fingerprints & lost
            if gone:
                lost -= gone
                home = _home(kept, reading)
                kept[home] = _with_page(kept[home], page, len(gone), len(gone & reading.beyond))
        return kept


def read_earlier(lake: Lake, key: DayKey, slices: Iterable[Slice]) -> Earlier:
    """Reads the slices' pages; a damaged one holds nothing."""
    pages = []
    for part in slices:
        for page in part.pages:
            reading = Reading(window_of(part))
            try:
                reading.add(held_rows(lake, key, page))
            except DamagedPage:
                continue
            pages.append((page, reading))
    return Earlier(tuple(pages), frozenset[int]().union(*(reading.fingerprints for _, reading in pages)))


def _home(slices: Sequence[Slice], reading: Reading) -> int:
    """The place of the slice that the page's window begins in."""
    return max((place for place, part in enumerate(slices) if part.start <= reading.window.start), default=0)


def _with_page(part: Slice, page: PageFile, rows: int, beyond: int) -> Slice:
    return msgspec.structs.replace(
        part, pages=[*part.pages, page], received=part.received + rows, beyond=part.beyond + beyond
    )
