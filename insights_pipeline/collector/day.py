"""Collects one day of one service: what to keep, count and fetch again, and when to commit. Many days are `collect`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from insights_pipeline.collector import ledger
from insights_pipeline.collector.account import Reading
from insights_pipeline.collector.fetch import Fetched, Service, fetch_slice
from insights_pipeline.collector.landing import Clock, DamagedPage, Landing, held_rows
from insights_pipeline.collector.lateness import arrival
from insights_pipeline.collector.ledger import Region
from insights_pipeline.collector.plan import plan
from insights_pipeline.collector.together import together
from insights_pipeline.collector.window import Window, edge_before, from_edges
from insights_pipeline.jumpcloud import BadAnswer, JumpCloudError, Unavailable
from insights_pipeline.lake import Arrival, DayKey, Failure, Lake, Manifest, PageFile, Slice

# A kill costs at most this much fetching, and a day of many slices isn't committed for each of them.
COMMIT_SECONDS = 5

# The day's count, its slices' and the rows can disagree because events arrive meanwhile; the third look settles it.
LOOKS = 3


@dataclass(slots=True)
class Earlier:
    """Rows that the replaced slices of a region hold on disk."""

    pages: dict[str, tuple[PageFile, Reading]] = field(default_factory=dict)
    fingerprints: set[int] = field(default_factory=set)


class DayCollection:
    """One day on its way to a manifest that says `complete`, or what is wrong."""

    def __init__(
        self,
        lake: Lake,
        key: DayKey,
        service: Service,
        *,
        clock: Clock,
        settle: timedelta,
        slots: asyncio.Semaphore,
        manifest: Manifest | None,
    ) -> None:
        """`settle` is the age at which events are taken to be all there; `slots` bounds the slices fetched at once."""
        self.lake = lake
        self.key = key
        self.service = service
        self.clock = clock
        self.slots = slots
        self.manifest = manifest
        now = clock()
        self.settled_until = max(key.start, min(key.end, edge_before(now - settle)))
        # The API refuses a start in the future; nothing is said of an end, so today is asked for until now.
        self.whole = Window(key.start, min(key.end, now.replace(microsecond=now.microsecond // 1000 * 1000)))
        self.slices: list[Slice] = [] if manifest is None else list(manifest.slices)
        self.arrivals: list[Arrival] = [] if manifest is None else list(manifest.arrivals)
        self.late_events = 0 if manifest is None else manifest.late_events
        self.counted: int | None = None
        self.counted_at: datetime | None = None
        self.new_events = 0
        self.failure: Failure | None = None
        self._landing = Landing(lake, key, clock)
        self._committed_at = now

    async def run(self) -> Manifest:
        """Brings what is held into agreement with the API's count and commits; raises RequestRefused, LakeError.

        Faults of the world that outlast the retries don't raise: what could be had is committed, `failure` says what
        could not.
        """
        keep = ledger.settled(self.slices, None if self.manifest is None else self.manifest.settled_until)
        await self._count()
        for _ in range(LOOKS):
            missing = ledger.regions(self.whole, self.slices, keep)
            if self.counted is None and not missing and self.manifest is not None:
                # Nothing to fetch and no count to be had: what was proven stays as it was proven.
                return self.manifest
            await together(self._fetch(region) for region in missing)
            if self.failure is not None or self._even():
                break
            await self._count()
            if self.failure is not None or self._even():
                break
            keep = await self._unchanged()
            if len(keep) == len(self.slices):
                break
        return self._commit()

    def _even(self) -> bool:
        return ledger.balance(self.whole, self.slices, self.counted).even

    async def _count(self) -> None:
        try:
            self.counted = await self.service.count(self.whole)
            self.counted_at = self.clock()
        except (Unavailable, BadAnswer) as error:
            self._note(error)

    async def _unchanged(self) -> list[Slice]:
        """The slices whose windows still count what was received; the others grew or shrank."""
        counts = await together(self._count_window(ledger.window_of(part)) for part in self.slices)
        # Where no count can be had the slice stays: its proof is older, not wrong.
        return [part for part, count in zip(self.slices, counts, strict=True) if count in (None, part.received)]

    async def _count_window(self, window: Window) -> int | None:
        if window == self.whole and self.counted is not None:
            return self.counted
        try:
            return await self.service.count(window)
        except (Unavailable, BadAnswer) as error:
            self._note(error)
            return None

    async def _fetch(self, region: Region) -> None:
        """Fetches a region and puts it in the place of what it replaces: all of it, or nothing if a part fails."""
        earlier = await asyncio.to_thread(self._read, region.old)
        try:
            planned = await self._plan(region.window)
        except (Unavailable, BadAnswer) as error:
            self._note(error)
            return
        results = await together(
            self._fetch_slice(window, expected, earlier, alone=not region.old) for window, expected in planned
        )
        fetched = [result for result in results if result is not None]
        if region.old and len(fetched) == len(results):
            self._replace(region, earlier, fetched)

    async def _plan(self, window: Window) -> list[tuple[Window, int | None]]:
        """Slices to fetch the region by, with their counts; they part where the settled and the unsettled meet."""
        planned: list[tuple[Window, int | None]] = []
        edges = {window.start, window.end, self.settled_until}
        for part in from_edges(edge for edge in edges if window.start <= edge <= window.end):
            expected = await self._count_window(part)
            if expected is None:
                # Without a count there is no telling how to cut; one walk through all of it is right, if slow.
                planned.append((part, None))
            else:
                slices = await plan(part, expected, self.service.count)
                planned += [(planned_slice.window, planned_slice.expected) for planned_slice in slices]
        return planned

    async def _fetch_slice(
        self, window: Window, expected: int | None, earlier: Earlier, *, alone: bool
    ) -> Fetched | None:
        """None where the world's faults outlasted the retries."""
        async with self.slots:
            try:
                fetched = await fetch_slice(self.service, self._landing, window, expected, earlier.fingerprints)
            except (Unavailable, BadAnswer) as error:
                self._note(error)
                return None
        if alone:
            self.slices.append(fetched.slice)
            self.new_events += fetched.slice.held
            if (self.clock() - self._committed_at).total_seconds() > COMMIT_SECONDS:
                self._commit()
        return fetched

    def _read(self, slices: Sequence[Slice]) -> Earlier:
        """What the pages on disk hold; a damaged page holds nothing."""
        earlier = Earlier()
        for part in slices:
            for page in part.pages:
                reading = Reading(ledger.window_of(part))
                try:
                    reading.add(held_rows(self.lake, self.key, page))
                except DamagedPage:
                    continue
                earlier.pages[page.file] = (page, reading)
                earlier.fingerprints |= reading.fingerprints
        return earlier

    def _replace(self, region: Region, earlier: Earlier, fetched: Sequence[Fetched]) -> None:
        parts = [result.slice for result in fetched]
        lost = earlier.fingerprints.difference(*(result.reading.fingerprints for result in fetched))
        for page, reading in earlier.pages.values():
            # What the API had once and has no more is kept, and makes the day `over` as long as the API counts less.
            gone = reading.fingerprints & lost
            if gone:
                lost -= gone
                parts = _adopt(parts, page, reading, gone)
        self.slices = [part for part in self.slices if part not in region.old] + parts
        self._record_arrivals(region, fetched)

    def _record_arrivals(self, region: Region, fetched: Sequence[Fetched]) -> None:
        """Tells events that came late from those whose time had not come when the region was last fetched."""
        settled_before = self.key.start if self.manifest is None else self.manifest.settled_until
        fresh = [moment for result in fetched for moment in result.fresh.values() if moment is not None]
        overdue = [
            moment
            for moment in fresh
            if self.key.start <= moment < self.key.end and any(part.start <= moment < part.end for part in region.old)
        ]
        self.new_events += sum(self.key.start <= moment < self.key.end for moment in fresh)
        self.late_events += sum(moment < settled_before for moment in overdue)
        came = arrival(overdue, self.clock())
        if came is not None:
            self.arrivals.append(came)

    def _note(self, error: JumpCloudError) -> None:
        self.failure = Failure(at=self.clock(), reason=str(error))

    def _commit(self) -> Manifest:
        self.slices = ledger.tidy(self.slices, self.settled_until)
        figures = ledger.balance(self.whole, self.slices, self.counted)
        manifest = Manifest(
            org=self.key.org,
            service=self.key.service,
            date=self.key.day,
            state=ledger.state(figures, closed=self.settled_until >= self.key.end),
            asked_service=self.service.name,
            expected_events=figures.expected,
            held_events=figures.held,
            late_events=self.late_events,
            counted=self.counted,
            counted_at=self.counted_at,
            fetched_at=max((part.fetched_at for part in self.slices), default=None),
            settled_until=self.settled_until,
            slices=self.slices,
            arrivals=self.arrivals,
            failure=self.failure,
        )
        self.lake.write_manifest(manifest)
        self._committed_at = self.clock()
        return manifest


def _adopt(parts: Sequence[Slice], page: PageFile, reading: Reading, rows: set[int]) -> list[Slice]:
    """Names an old page in the slice that covers its time, with the rows that only it holds."""
    home = max(
        (part for part in parts if part.start <= reading.window.start), key=lambda part: part.start, default=parts[0]
    )
    return [
        msgspec.structs.replace(
            part,
            pages=[*part.pages, page],
            received=part.received + len(rows),
            beyond=part.beyond + len(rows & reading.beyond),
        )
        if part is home
        else part
        for part in parts
    ]
