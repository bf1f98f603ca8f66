"""What a day's slices add up to: which to keep, what is left to fetch, and the state that follows; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from insights_pipeline.collector.plan import SLICE_EVENTS
from insights_pipeline.collector.window import Window, gaps
from insights_pipeline.lake import Slice
from insights_pipeline.lake.manifest import State


def window_of(part: Slice) -> Window:
    """The slice's half-open window."""
    return Window(part.start, part.end)


def was_settled(part: Slice, settle: timedelta) -> bool:
    """Whether everything in the slice was `settle` old or older when it was fetched."""
    return part.end <= part.fetched_at - settle


def firm(slices: Sequence[Slice], settle: timedelta) -> list[Slice]:
    """Proven slices that were settled; the others are fetched again by the next run."""
    return [part for part in slices if part.proven and was_settled(part, settle)]


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the day to be fetched, and the slices that it replaces."""

    window: Window
    old: tuple[Slice, ...]


def regions(whole: Window, slices: Sequence[Slice], keep: Sequence[Slice]) -> list[Region]:
    """Everything of the whole that no kept slice covers, in time order.

    A stretch is cut where the slices that it replaces come to more rows than a slice should have: they are compared
    with what takes their place, row by row and in memory.
    """
    dropped = sorted((part for part in slices if part not in keep), key=lambda part: part.start)
    found = []
    for window in gaps(whole, map(window_of, keep)):
        start, old = window.start, list[Slice]()
        for part in dropped:
            if not window.overlaps(window_of(part)):
                continue
            if old and sum(slice_.received for slice_ in old) + part.received > SLICE_EVENTS:
                found.append(Region(Window(start, part.start), tuple(old)))
                start, old = part.start, []
            old.append(part)
        found.append(Region(Window(start, window.end), tuple(old)))
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """A day's figures: `expected` and `held` leave out what lies on the first instant of the next day."""

    expected: int | None
    held: int
    covered: bool
    """Whether slices cover the day so far without a gap, each of them proven."""

    @property
    def even(self) -> bool:
        """Whether the rows account for the count of the day."""
        return self.expected == self.held


def balance(whole: Window, slices: Sequence[Slice], counted: int | None) -> Balance:
    """Sets the count of the whole against the rows of its slices.

    An event on an inner edge may have come with both neighbours; each slice counts as held only what lies inside it. On
    the last edge there is no neighbour, so the count of the whole may include what its last slice calls beyond.
    """
    last = [part.beyond for part in slices if part.end == whole.end]
    return Balance(
        expected=None if counted is None else counted - sum(last),
        held=sum(part.held for part in slices),
        covered=not gaps(whole, map(window_of, slices)) and all(part.proven for part in slices),
    )


def state(figures: Balance, *, closed: bool) -> State:
    """The state that the figures of a fetched day amount to."""
    if not closed:
        return "open"
    if figures.expected is None:
        return "unverified"
    if figures.held != figures.expected:
        return "short" if figures.held < figures.expected else "over"
    return "complete" if figures.covered else "unverified"


def in_order(slices: Sequence[Slice]) -> list[Slice]:
    """Slices by time, as every reader of a manifest may expect them."""
    return sorted(slices, key=lambda part: part.start)


def tidy(slices: Sequence[Slice], until: datetime) -> list[Slice]:
    """Slices in time order, small settled neighbours joined: today, fetched every few minutes, would pile them up.

    Only where nothing lies on the edge between them, so that the joined window counts what the two count together.
    """
    joined: list[Slice] = []
    for part in in_order(slices):
        if joined and part.end <= until and _joinable(joined[-1], part):
            joined[-1] = _join(joined[-1], part)
        else:
            joined.append(part)
    return joined


def _joinable(left: Slice, right: Slice) -> bool:
    return (
        left.end == right.start
        and left.beyond == 0
        and left.proven
        and right.proven
        and left.received + right.received <= SLICE_EVENTS
    )


def _join(left: Slice, right: Slice) -> Slice:
    return msgspec.structs.replace(
        right,
        start=left.start,
        expected=left.received + right.received,  # both are proven
        received=left.received + right.received,
        pages=left.pages + right.pages,
        fetched_at=max(left.fetched_at, right.fetched_at),
    )
