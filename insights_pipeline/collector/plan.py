"""Cuts a window until no part holds more than a few pages, by what the API counts; nothing is fetched here."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass

from insights_pipeline.collector.together import together
from insights_pipeline.collector.window import Window

# Three full pages. Smaller slices pay a count call each, larger ones leave less to run side by side and more to fetch
# again when one late event turns up.
SLICE_EVENTS = 30_000

# Days of up to seven million events are cut at once. A count that is wrong by orders of magnitude costs no more calls
# than this a level.
MOST_PARTS = 256

Count = Callable[[Window], Coroutine[None, None, int]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A window to be fetched as one, and how many events the API counts in it."""

    window: Window
    expected: int


async def plan(window: Window, expected: int, count: Count, *, most: int = SLICE_EVENTS) -> list[Planned]:
    """Slices in time order that cover the window, none above `most` events unless it can't be cut further.

    Bursts are cut, quiet hours are not: only a window above `most` costs count calls, and small neighbours that were
    counted apart are joined again.
    """
    if expected <= most:
        return [Planned(window, expected)]
    parts = window.cut(min(MOST_PARTS, math.ceil(expected / most)) + 1)
    if len(parts) == 1:
        return [Planned(window, expected)]
    counts = await together(count(part) for part in parts)
    planned = await together(plan(part, number, count, most=most) for part, number in zip(parts, counts, strict=True))
    return join((slice_ for group in planned for slice_ in group), most=most)


def join(planned: Iterable[Planned], *, most: int) -> list[Planned]:
    """Joins neighbours as long as together they hold no more than `most`.

    An event on the edge between two may have been counted in both; the proof then counts the joined window again.
    """
    joined: list[Planned] = []
    for part in planned:
        last = joined[-1] if joined else None
        if last is not None and last.expected + part.expected <= most:
            joined[-1] = Planned(Window(last.window.start, part.window.end), last.expected + part.expected)
        else:
            joined.append(part)
    return joined
