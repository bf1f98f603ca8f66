"""Half-open windows of time and how they are cut and joined; pure, nothing is asked or fetched here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

SECOND = timedelta(seconds=1)

# Inner edges lie off the whole second: RADIUS, and SSO since 2026, stamp whole seconds, and an event that sits on an edge
# is answered to both neighbours where the API includes the end. It would not be lost or doubled, only fetched twice.
EDGE = timedelta(milliseconds=500)


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """`[start, end)`, aware UTC, in whole milliseconds."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a window must end after it starts, not {self.start} to {self.end}")

    def overlaps(self, other: Window) -> bool:
        """Whether there is an instant in both."""
        return self.start < other.end and other.start < self.end

    def cut(self, parts: int) -> list[Window]:
        """At most `parts` windows of equal length that cover this one; itself where it is too short to be cut.

        A window under two seconds stays whole; no part is shorter than half a second.
        """
        seconds = (self.end - self.start) / SECOND
        parts = max(1, min(parts, math.floor(seconds)))
        edges = [edge_before(self.start + (self.end - self.start) * (number / parts)) for number in range(1, parts)]
        return from_edges([self.start, *(edge for edge in edges if self.start < edge < self.end), self.end])


def edge_before(moment: datetime) -> datetime:
    """The last half second that is not after the moment."""
    edge = moment.replace(microsecond=0) + EDGE
    return edge if edge <= moment else edge - SECOND


def from_edges(edges: Iterable[datetime]) -> list[Window]:
    """The windows between neighbouring edges; equal edges have nothing between them."""
    ordered = sorted(set(edges))
    return [Window(start, end) for start, end in pairwise(ordered)]


def gaps(whole: Window, taken: Iterable[Window]) -> list[Window]:
    """What the taken windows leave of the whole, in time order."""
    left = []
    cursor = whole.start
    for window in sorted(taken):
        if window.start > cursor:
            left.append(Window(cursor, min(window.start, whole.end)))
        cursor = max(cursor, window.end)
        if cursor >= whole.end:
            return left
    return [*left, Window(cursor, whole.end)]
