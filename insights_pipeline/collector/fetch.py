"""Fetches one planned slice until what was received accounts for the count, or says by how much it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from insights_pipeline.collector.account import Reading, Verdict, judge
from insights_pipeline.collector.landing import Landing
from insights_pipeline.collector.window import Window
from insights_pipeline.jumpcloud import DirectoryInsights, EventQuery, Page
from insights_pipeline.lake import PageFile, Slice

# A count that moved while the slice was fetched is told from a loss by counting and, if need be, walking again. Three
# walks that disagree with three counts are not bad luck.
WALKS = 3


@dataclass(slots=True)
class Fetched:
    """A slice as it will stand in the manifest, and what is known of its rows."""

    slice: Slice
    reading: Reading
    fresh: dict[int, datetime | None] = field(default_factory=dict)
    """Fingerprint and instant of rows that were not known before."""


class Service:
    """One service of one organization as the collector asks for it; the name may differ from the folder's."""

    def __init__(self, client: DirectoryInsights, name: str) -> None:
        self.client = client
        self.name = name

    def query(self, window: Window, sort: str = "ASC") -> EventQuery:
        """All events of the window, by full pages."""
        return EventQuery(self.name, window.start, window.end, sort="DESC" if sort == "DESC" else "ASC")

    async def count(self, window: Window) -> int:
        """What the API counts in the window, its end perhaps included; raises JumpCloudError."""
        return await self.client.count(self.query(window))


async def fetch_slice(
    service: Service, landing: Landing, window: Window, expected: int | None, known: set[int]
) -> Fetched:
    """Walks through the window until the rows account for the count; raises JumpCloudError, LakeError.

    `expected` is the count, or None where it can't be had: then one walk is all, and nothing is proven. `known` are the
    fingerprints of rows that are held already.
    """
    held = Reading(window)
    fetched = Fetched(_slice(landing, window, expected, held), held)
    if expected == 0:
        return fetched
    pages: list[PageFile] = []
    repeats = 0
    for _ in range(WALKS):
        reading, landed = await _walk(service, landing, window, fetched.fresh, known)
        # A walk that lacks a row which an earlier one had does not replace it.
        pages = landed if held.fingerprints <= reading.fingerprints else pages + landed
        held.include(reading)
        if expected is None:
            break
        if judge(expected, held) is not Verdict.PROVEN:
            expected = await service.count(window)
        if judge(expected, held) is Verdict.REPEATED:
            opposite, _ = await _walk(service, None, window, {}, known, sort="DESC")
            repeats = reading.confirmed_repeats(opposite)
        if held.distinct + repeats == expected:
            break
        repeats = 0
    fetched.slice = _slice(landing, window, expected, held, repeats, pages)
    return fetched


async def _walk(
    service: Service,
    landing: Landing | None,
    window: Window,
    fresh: dict[int, datetime | None],
    known: set[int],
    sort: str = "ASC",
) -> tuple[Reading, list[PageFile]]:
    """All pages of the window in order, each landed before the next is asked for."""
    reading = Reading(window)
    landed: list[PageFile] = []

    def take(page: Page) -> None:
        if landing is not None:
            landed.append(landing.land(page))
        new = reading.add(_rows(page))
        fresh.update((fingerprint, moment) for fingerprint, moment in new.items() if fingerprint not in known)

    async for page in service.client.pages(service.query(window, sort)):
        if page.result_count:
            # Compressing and hashing let go of the interpreter, so other slices' answers are read meanwhile.
            await asyncio.to_thread(take, page)
    return reading, landed


def _rows(page: Page) -> Iterable[tuple[bytes, object]]:
    return ((bytes(event), head.timestamp) for event, head in zip(page.events, page.heads, strict=True))


def _slice(
    landing: Landing,
    window: Window,
    expected: int | None,
    held: Reading,
    repeats: int = 0,
    pages: Iterable[PageFile] = (),
) -> Slice:
    pages = list(pages)
    return Slice(
        start=window.start,
        end=window.end,
        expected=expected,
        received=held.distinct + repeats,
        beyond=len(held.beyond),
        pages=pages,
        fetched_at=max((page.fetched_at for page in pages), default=landing.clock()),
    )
