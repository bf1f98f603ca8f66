"""The events that the emulated service holds, in the order it serves them. Knows nothing of HTTP or of queries' texts.

A shelf is one owner's events of one service, sorted; it is any sequence of rows, so rows may also be made as they are
asked for. Shelves are replaced, never changed: a request keeps the sequence it began with.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from insights_pipeline.emulator.cursor import Cursor


class Row(NamedTuple):
    """An event as it is served: compared by its first two members, which no two rows of a store share."""

    milliseconds: int
    document_id: str
    body: bytes

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.milliseconds, self.document_id)


Shelf = Sequence[Row]


@dataclass(frozen=True)
class Span:
    """The rows of a shelf from position `first` to before position `last`."""

    shelf: Shelf
    first: int
    last: int

    def __len__(self) -> int:
        return max(0, self.last - self.first)

    @classmethod
    def between(cls, shelf: Shelf, start: int, end: int) -> Span:
        """The rows of ``[start, end)``, both in milliseconds; two bisections, whatever the shelf's size."""
        return cls(shelf, bisect_left(shelf, (start,)), bisect_left(shelf, (end,)))

    def beyond(self, cursor: Cursor, *, descending: bool) -> Span:
        """What is left of the span after a cursor, in the direction of reading."""
        if descending:
            return Span(self.shelf, self.first, min(self.last, bisect_left(self.shelf, cursor)))
        return Span(self.shelf, max(self.first, self._position_after(cursor)), self.last)

    def until(self, cursor: Cursor, *, descending: bool) -> Span:
        """What was read of the span up to a cursor, the cursor's own row included."""
        if descending:
            return Span(self.shelf, max(self.first, bisect_left(self.shelf, cursor)), self.last)
        return Span(self.shelf, self.first, min(self.last, self._position_after(cursor)))

    def _position_after(self, cursor: Cursor) -> int:
        # Any row of the cursor's own document sorts before the id with one more character.
        return bisect_left(self.shelf, (cursor.milliseconds, cursor.document_id + "\0"))

    def head(self, count: int, *, descending: bool) -> Sequence[Row]:
        """Up to `count` rows, read from the end when descending."""
        if descending:
            return self.shelf[max(self.first, self.last - count) : max(self.first, self.last)][::-1]
        return self.shelf[self.first : max(self.first, min(self.last, self.first + count))]

    def rows(self, *, descending: bool = False) -> Iterator[Row]:
        """All rows one by one, for filters that must look into each."""
        positions = range(self.first, self.last)
        return (self.shelf[position] for position in (reversed(positions) if descending else positions))


def merged(spans: Sequence[Span], *, descending: bool = False) -> Iterator[Row]:
    """The rows of several shelves in one order."""
    return heapq.merge(*(span.rows(descending=descending) for span in spans), reverse=descending)


def page(spans: Sequence[Span], count: int, *, descending: bool) -> Sequence[Row]:
    """The first `count` rows of several shelves in one order, without touching more than needed."""
    if len(spans) == 1:
        return spans[0].head(count, descending=descending)
    heads = (span.head(count, descending=descending) for span in spans)
    return list(islice(heapq.merge(*heads, reverse=descending), count))


ShelfKey = tuple[str, str]
"""Owner (an organization's or a provider's id) and service."""


class EventStore:
    """All shelves, and the events that are held back until they are revealed."""

    def __init__(self, shelves: Mapping[ShelfKey, Shelf]) -> None:
        self._shelves: dict[ShelfKey, Shelf] = dict(shelves)
        self._withheld: list[tuple[ShelfKey, Row]] = []

    @property
    def services(self) -> frozenset[str]:
        return frozenset(service for _, service in self._shelves)

    @property
    def withheld(self) -> int:
        """How many events are held back."""
        return len(self._withheld)

    def shelf(self, owner: str, service: str) -> Shelf:
        return self._shelves.get((owner, service), ())

    def spans(self, owners: Iterable[str], services: Iterable[str], start: int, end: int) -> list[Span]:
        """The non-empty spans of ``[start, end)`` milliseconds, one a shelf."""
        services = tuple(services)
        spans = (Span.between(self.shelf(owner, service), start, end) for owner in owners for service in services)
        return [span for span in spans if len(span)]

    def withhold(self, choose: Callable[[str, str, Row, int], bool]) -> int:
        """Hold back the rows for which `choose(owner, service, row, position)` is true; returns how many."""
        before = len(self._withheld)
        for (owner, service), shelf in list(self._shelves.items()):
            kept: list[Row] = []
            for position, row in enumerate(shelf):
                if choose(owner, service, row, position):
                    self._withheld.append(((owner, service), row))
                else:
                    kept.append(row)
            if len(kept) < len(shelf):
                self._shelves[owner, service] = kept
        return len(self._withheld) - before

    def reveal(self, count: int | None = None) -> int:
        """Let the first `count` withheld events (all, when None) be found from now on; returns how many."""
        count = len(self._withheld) if count is None else min(count, len(self._withheld))
        revealed, self._withheld = self._withheld[:count], self._withheld[count:]
        arrivals: dict[ShelfKey, list[Row]] = {}
        for key, row in revealed:
            arrivals.setdefault(key, []).append(row)
        for key, rows in arrivals.items():
            self.add(*key, rows)
        return count

    def add(self, owner: str, service: str, rows: Iterable[Row]) -> None:
        """File more rows; what is being served meanwhile does not change."""
        shelf = list(self._shelves.get((owner, service), ()))
        for row in rows:
            insort(shelf, row)
        self._shelves[owner, service] = shelf
