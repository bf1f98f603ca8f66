"""Collects one day of one service: what to keep, count and fetch again, and when to commit. Many days are `collect`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from insights_pipeline.collector import ledger
from insights_pipeline.collector.earlier import read_earlier
from insights_pipeline.collector.fetch import Fetched, Service, fetch_slice
from insights_pipeline.collector.landing import Clock, Landing
from insights_pipeline.collector.lateness import arrival
from insights_pipeline.collector.ledger import Region
from insights_pipeline.collector.plan import plan
from insights_pipeline.collector.together import to_the_end, together
from insights_pipeline.collector.window import Window, edge_before, from_edges
from insights_pipeline.jumpcloud import BadAnswer, JumpCloudError, Unavailable
from insights_pipeline.lake import Arrival, DayKey, Failure, Lake, Manifest, Slice

# A kill costs at most this much fetching, and a day of many slices isn't committed for each of them.
COMMIT_SECONDS = 5

# The day's count, its slices' and the rows can disagree because events arrive meanwhile; the third look settles it.
LOOKS = 3

PlannedSlice = tuple[Window, int | None]
"""A window to fetch as one, and its count where that could be had."""


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
        self.settle = settle
        self.slots = slots
        self.manifest = manifest
        self.started = clock()
        self.settled_until = max(key.start, min(key.end, edge_before(self.started - settle)))
        # The API refuses a start in the future; nothing is said of an end, so today is asked for until now.
        self.whole = Window(key.start, min(key.end, whole_millisecond(self.started)))
        self.slices: list[Slice] = [] if manifest is None else list(manifest.slices)
        self.arrivals: list[Arrival] = [] if manifest is None else list(manifest.arrivals)
        self.late_events = 0 if manifest is None else manifest.late_events
        self.counted: int | None = None
        self.counted_at: datetime | None = None
        self.new_events = 0
        self.failure: Failure | None = None
        self._landing = Landing(lake, key, clock)
        self._committed_at = self.started
        self._committing = asyncio.Lock()

    async def run(self) -> Manifest:
        """Brings what is held into agreement with the API's count and commits; raises RequestRefused, LakeError.

        Faults of the world that outlast the retries don't raise: what could be had is committed, `failure` says what
        could not.
        """
        keep = ledger.firm(self.slices, self.settle)
        await self._count()
        for _ in range(LOOKS):
            missing = ledger.regions(self.whole, self.slices, keep)
            if self.counted is None and not missing and self.manifest is not None:
                # Nothing to fetch and no count to be had: what was proven stays as it was proven.
                return self.manifest
            await together(self._fetch(region) for region in missing)
            if self._is_done():
                break
            await self._count()
            if self._is_done():
                break
            keep = await self._unchanged()
            if len(keep) == len(self.slices):
                break
        self.slices = ledger.tidy(self.slices, self.settled_until)
        return await self._commit()

    def _is_done(self) -> bool:
        return self.failure is not None or ledger.balance(self.whole, self.slices, self.counted).even

    async def _count(self) -> None:
        try:
            self.counted = await self.service.count(self.whole)
            self.counted_at = self.clock()
        except (Unavailable, BadAnswer) as error:
            self._note(error)

    async def _unchanged(self) -> list[Slice]:
        """Counts every slice again; gives those that neither grew nor shrank, their proof renewed."""
        counts = await together(self._count_window(ledger.window_of(part)) for part in self.slices)
        self.slices = [
            msgspec.structs.replace(part, expected=count) if count == part.received else part
            for part, count in zip(self.slices, counts, strict=True)
        ]
        return [part for part, count in zip(self.slices, counts, strict=True) if self._still(part, count)]

    def _still(self, part: Slice, count: int | None) -> bool:
        """Whether fetching the slice again would bring nothing that it hasn't brought."""
        if count is None or count == part.received:
            return True  # without a count its proof is older, not wrong
        return count == part.expected and part.fetched_at >= self.started

    async def _count_window(self, window: Window) -> int | None:
        if window == self.whole and self.counted is not None:
            return self.counted
        try:
            return await self.service.count(window)
        except (Unavailable, BadAnswer) as error:
            self._note(error)
            return None

    async def _fetch(self, region: Region) -> None:
        """Fetches a region; what replaces slices does so as a whole, or not at all if a part of it can't be had."""
        try:
            planned = await self._plan(region.window)
        except (Unavailable, BadAnswer) as error:
            self._note(error)
            return
        replacing: list[PlannedSlice] = []
        adding: list[PlannedSlice] = []
        for window, expected in planned:
            replaces = any(window.overlaps(ledger.window_of(part)) for part in region.old)
            (replacing if replaces else adding).append((window, expected))
        await together([self._replace(region.old, replacing), *(self._add(slice_) for slice_ in adding)])

    async def _plan(self, window: Window) -> list[PlannedSlice]:
        """Slices to fetch the region by; they part where the settled and the unsettled meet."""
        planned: list[PlannedSlice] = []
        edges = {window.start, window.end, self.settled_until}
        for part in from_edges(edge for edge in edges if window.start <= edge <= window.end):
            expected = await self._count_window(part)
            if expected is None:
                # Without a count there is no telling how to cut; one walk through all of it is right, if slow.
                planned.append((part, None))
            else:
                slices = await plan(part, expected, self.service.count)
                planned += [(slice_.window, slice_.expected) for slice_ in slices]
        return planned

    async def _add(self, planned: PlannedSlice) -> None:
        """Fetches a slice where there was none."""
        window, expected = planned
        async with self.slots:
            try:
                fetched = await fetch_slice(self.service, self._landing, window, expected)
            except (Unavailable, BadAnswer) as error:
                self._note(error)
                return
        self.slices.append(fetched.slice)
        self.new_events += fetched.slice.held
        if (self.clock() - self._committed_at).total_seconds() > COMMIT_SECONDS:
            await self._commit()

    async def _replace(self, old: Sequence[Slice], planned: Sequence[PlannedSlice]) -> None:
        """Fetches what takes the place of old slices.

        One place among the slots for all of it: the rows of both lie in memory until they have been compared.
        """
        if not planned:
            return
        async with self.slots:
            earlier = await asyncio.to_thread(read_earlier, self.lake, self.key, old)
            fetched = []
            for window, expected in planned:
                try:
                    fetched.append(
                        await fetch_slice(self.service, self._landing, window, expected, earlier.fingerprints)
                    )
                except (Unavailable, BadAnswer) as error:
                    self._note(error)
                    return
        parts = earlier.kept_beside([part.slice for part in fetched], [part.fingerprints for part in fetched])
        self.slices = [part for part in self.slices if part not in old] + parts
        self._record_arrivals(old, fetched)

    def _record_arrivals(self, old: Sequence[Slice], fetched: Sequence[Fetched]) -> None:
        """Tells events that came late from those whose time had not come when their instant was last fetched."""
        fresh = [
            moment
            for part in fetched
            for moment in part.fresh.values()
            if moment is not None and part.slice.start <= moment < part.slice.end
        ]
        slices = [(moment, part) for moment in fresh for part in old if part.start <= moment < part.end]
        self.new_events += len(fresh)
        self.late_events += sum(ledger.was_settled(part, self.settle) for _, part in slices)
        came = arrival((moment for moment, _ in slices), self.clock())
        if came is not None:
            self.arrivals.append(came)

    def _note(self, error: JumpCloudError) -> None:
        self.failure = Failure(at=self.clock(), reason=str(error))

    async def _commit(self) -> Manifest:
        """One at a time, so that no older manifest takes the place of a newer one."""
        async with self._committing:
            manifest = self._as_manifest()
            await to_the_end(self.lake.write_manifest, manifest)
            self._committed_at = self.clock()
            return manifest

    def _as_manifest(self) -> Manifest:
        figures = ledger.balance(self.whole, self.slices, self.counted)
        return Manifest(
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
            slices=ledger.in_order(self.slices),
            arrivals=self.arrivals,
            failure=self.failure,
        )


def whole_millisecond(moment: datetime) -> datetime:
    """The moment as finely as the API tells times apart."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
