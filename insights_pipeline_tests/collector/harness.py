"""Collects from a served tenant as a run does, and looks at what the lake then holds; shared by the collector's tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from insights_pipeline.collector import Collector, Outcome, Unasked
from insights_pipeline.collector.account import moment_of
from insights_pipeline.collector.landing import held_rows
from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator
from insights_pipeline.jumpcloud import ApiKey, DirectoryInsights, RequestLimits, RetryPolicy
from insights_pipeline.lake import DayKey, Lake, Manifest

DAY = date(2026, 3, 13)
NOW = datetime(2026, 3, 16, 6, tzinfo=UTC)
"""Long after the day: it is closed, whatever the settle time."""

# Faults that outlast eight tries are over in a third of a second.
QUICK = RetryPolicy(max_attempts=8, first_pause=0.002, longest_pause=0.05)


def day_key(service: str, org: str = "self", day: date = DAY) -> DayKey:
    return DayKey(org, service, day)


def at(text: str, day: date = DAY) -> datetime:
    """The moment of the day that `HH:MM:SS.ffffff` names, UTC."""
    return datetime.fromisoformat(f"{day.isoformat()}T{text}+00:00")


def event(number: int | str, moment: datetime | str, **fields: Any) -> dict[str, Any]:
    """An event as the API gives it, in as few fields as a collector may rely on."""
    text = moment if isinstance(moment, str) else moment.isoformat().replace("+00:00", "Z")
    return {"id": str(number), "timestamp": text, "event_type": "test", **fields}


def events_over(start: datetime, end: datetime, count: int, prefix: str = "") -> list[dict[str, Any]]:
    """Events spread evenly from start to before end, each on a whole millisecond."""
    step = (end - start) / count
    moments = [start + number * step for number in range(count)]
    return [event(f"{prefix}{n}", m.replace(microsecond=m.microsecond // 1000 * 1000)) for n, m in enumerate(moments)]


@dataclass
class Site:
    """A lake that is filled from an emulator, at a time of the test's choosing."""

    emulator: RunningEmulator
    root: Path
    now: datetime = NOW
    settle: timedelta = timedelta(0)
    retries: RetryPolicy = field(default_factory=lambda: QUICK)
    max_concurrency: int = 8

    @property
    def lake(self) -> Lake:
        return Lake(self.root)

    def collect(self, *keys: DayKey, lake: Lake | None = None) -> list[Outcome]:
        outcomes, _ = self.collect_and_compare(keys, (), lake)
        return outcomes

    def collect_and_compare(
        self, keys: Iterable[DayKey], services: Sequence[str], lake: Lake | None = None
    ) -> tuple[list[Outcome], list[Unasked]]:
        """A run over the keys, and what it finds unasked beside the services."""

        async def run() -> tuple[list[Outcome], list[Unasked]]:
            limits = RequestLimits(1_000, self.max_concurrency)
            async with DirectoryInsights(
                self.emulator.url, ApiKey(DEMO_API_KEY), limits=limits, retries=self.retries
            ) as client:
                collector = Collector(lake or self.lake, client, lambda: self.now, self.settle, self.max_concurrency)
                outcomes = await collector.collect(keys)
                return outcomes, await collector.unasked(outcomes, services) if services else []

        return asyncio.run(run())

    def manifest(self, key: DayKey) -> Manifest:
        manifest = self.lake.manifest(key)
        assert manifest is not None
        return manifest

    def texts(self, key: DayKey) -> set[bytes]:
        """The day's events that the named pages hold, each text once."""
        held = set()
        for page in self.manifest(key).pages:
            for text, timestamp in held_rows(self.lake, key, page):
                moment = moment_of(timestamp)
                if moment is None or key.start <= moment < key.end:
                    held.add(text)
        return held

    def true_texts(self, key: DayKey) -> list[bytes]:
        return self.emulator.truth.events(key.service, key.start, key.end, key.org)

    def is_proven(self, key: DayKey) -> bool:
        """Whether the day is complete in the manifest's words and in truth."""
        manifest, truth = self.manifest(key), self.true_texts(key)
        return (
            manifest.state == "complete"
            and manifest.failure is None
            and manifest.expected_events == manifest.held_events == len(truth)
            and self.texts(key) == set(truth)
            and self.files(key) == {"manifest.json"} | {page.file for page in manifest.pages}
        )

    def files(self, key: DayKey) -> set[str]:
        """All that lie in the day's raw folder, named or not."""
        folder = self.root / key.raw_folder
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    @property
    def place(self) -> str:
        """The lake's, as a process of its own is told it."""
        return str(self.root)

    def pages_asked(self) -> list[tuple[str, str, str]]:
        """Service, window and cursor of each page that was asked for, as often as it was."""
        return [
            (request.body["service"][0], request.body["start_time"], str(request.body.get("search_after")))
            for request in self.emulator.requests
            if request.call == "events" and request.body
        ]

    def asked(self, call: str = "events") -> list[tuple[datetime, datetime]]:
        """The windows of a call that were asked for, each once, in order of time."""
        bodies = [request.body for request in self.emulator.requests if request.call == call and request.body]
        return sorted({(_moment(body["start_time"]), _moment(body["end_time"])) for body in bodies})

    def calls(self, call: str) -> int:
        return sum(request.call == call for request in self.emulator.requests)


def _moment(text: str) -> datetime:
    moment = msgspec.convert(text, datetime)
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)
