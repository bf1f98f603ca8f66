"""Fetches one planned slice until what was received accounts for the count, or says by how much it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from insights_pipeline.collector.account import Reading, Verdict, judge
from insights_pipeline.collector.landing import Landing
from insights_pipeline.collector.window import Window
from insights_pipeline.jumpcloud import MAX_LIMIT, DirectoryInsights, EventQuery, Page
from insights_pipeline.lake import PageFile, Slice

# A count that moved while the slice was fetched is told from a loss by counting and, if need be, walking again. Three
# walks that disagree with three counts are not bad luck.
WALKS = 3

# The sizes of further readings' pages, relative to the first's. Their borders don't fall together with the first's in a
# slice of full pages; where the API's pages are much smaller some do, and the next reading tells.
OTHER_SIZES = (0.7919, 0.6133, 0.5197)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A slice as it will stand in the manifest, and what is known of its rows."""

    slice: Slice
    fingerprints: set[int]
    fresh: dict[int, datetime | None]
    """Fingerprint and instant of rows that were not known before; empty unless they were asked for."""


class Service:
    """One service of one organization as the collector asks for it; the name may differ from the folder's."""

    def __init__(self, client: DirectoryInsights, name: str) -> None:
        self.client = client
        self.name = name

    def query(self, window: Window, limit: int = MAX_LIMIT) -> EventQuery:
        """All events of the window."""
        return EventQuery(self.name, window.start, window.end, limit=limit)

    async def count(self, window: Window) -> int:
        """What the API counts in the window, its end perhaps included; raises JumpCloudError."""
        return await self.client.count(self.query(window))


async def fetch_slice(
    service: Service, landing: Landing, window: Window, expected: int | None, known: Collection[int] | None = None
) -> Fetched:
    """Walks through the window until the rows account for the count; raises JumpCloudError, LakeError.

    `expected` is the count, or None where it can't be had: then one walk is all, and nothing is proven. `known` are the
    fingerprints of rows that are held already, given where what is new is to be told apart.
    """
    held = Reading(window)
    fresh: dict[int, datetime | None] = {}
    pages: list[PageFile] = []
    before: tuple[int, int | None] | None = None
    for _ in range(WALKS if expected != 0 else 0):
        walk = await _walk(service, window, landing, known)
        fresh |= walk.fresh
        # A walk that lacks a row which an earlier one had does not replace it.
        pages = walk.pages if held.fingerprints <= walk.reading.fingerprints else pages + walk.pages
        held.include(walk.reading)
        if expected is None:
            break
        if judge(expected, held) is not Verdict.PROVEN:
            expected = await service.count(window)
        if judge(expected, held) is Verdict.REPEATED:
            await _confirm(service, held, expected, walk.limit)
        if held.received == expected or before == (held.distinct, expected):
            break  # it agrees, or another walk and another count have said the same once more
        before = held.distinct, expected
    return Fetched(_slice(landing, window, expected, held, pages), held.fingerprints, fresh)


@dataclass(slots=True)
class _Walk:
    """What a walk through a window met."""

    reading: Reading
    pages: list[PageFile] = field(default_factory=list)
    fresh: dict[int, datetime | None] = field(default_factory=dict)
    limit: int = MAX_LIMIT
    """Rows of a full page, as the API had it."""


async def _walk(
    service: Service,
    window: Window,
    landing: Landing | None = None,
    known: Collection[int] | None = None,
    *,
    limit: int = MAX_LIMIT,
) -> _Walk:
    """All pages of the window in order of time, each landed before the next is asked for."""
    walk = _Walk(Reading(window))

    def take(page: Page) -> None:
        walk.limit = page.limit
        if landing is not None:
            walk.pages.append(landing.land(page))
        new = walk.reading.add(_rows(page))
        if known is not None:
            walk.fresh |= {row: moment for row, moment in new.items() if row not in known}

    async with aclosing(service.client.pages(service.query(window, limit))) as pages:
        async for page in pages:
            if page.result_count:
                # Compressing and hashing let go of the interpreter, so other slices' answers are read meanwhile.
                await asyncio.to_thread(take, page)
            del page  # 10 MB that would lie there while the next is fetched
    return walk


async def _confirm(service: Service, held: Reading, expected: int, limit: int) -> None:
    """Reads the window again, and once more as long as repeats of the paging pass for documents."""
    further: list[Reading] = []
    for size in OTHER_SIZES:
        walk = await _walk(service, held.window, limit=max(1, int(limit * size)))
        further.append(walk.reading)
        held.confirm(further)
        if held.received <= expected:
            return


def _rows(page: Page) -> Iterable[tuple[bytes, object]]:
    return ((bytes(event), head.timestamp) for event, head in zip(page.events, page.heads, strict=True))


def _slice(landing: Landing, window: Window, expected: int | None, held: Reading, pages: list[PageFile]) -> Slice:
    return Slice(
        start=window.start,
        end=window.end,
        expected=expected,
        received=held.received,
        beyond=held.received_beyond,
        pages=pages,
        fetched_at=max((page.fetched_at for page in pages), default=landing.clock()),
    )
