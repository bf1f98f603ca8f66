"""What a backfill from Dagster's asset graph takes: 90 days of 16 services of a small tenant, through to the published database.

    python -m benchmarks.backfill [--days N] [--events-per-day N] [--folder DIR]

Starts `dagster dev` and an emulated tenant, asks for the backfill as the page does, stops it when a third of the days are
there, asks for it again, and counts what was fetched twice. Prints lines for people, then one line of JSON: seconds of wall
clock, seconds of processor, runs, requests.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator, Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline_tests.dagster_dev import DagsterDev, dagster_dev

# The default, 10 a second, spares JumpCloud; here it would measure the limiter: 1,440 days ask some 3,000 times.
REQUESTS_PER_SECOND = "1000"

# What is promised.
BACKFILL_SECONDS = 300.0

_REPOSITORY = {"repositoryLocationName": "insights_pipeline", "repositoryName": "__repository__"}

_ASSETS = "{ assetNodes { assetKey { path } isMaterializable } }"
_LAUNCH = """
mutation ($backfill: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $backfill) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }
"""
_BACKFILL = """
query ($id: String!) { partitionBackfillOrError(backfillId: $id) { __typename
  ... on PartitionBackfill { status } } }
"""
_CANCEL = "mutation ($id: String!) { cancelPartitionBackfill(backfillId: $id) { __typename } }"
_RUNS = """
query ($id: String!) { runsOrError(filter: {tags: [{key: "dagster/backfill", value: $id}]}) {
  ... on Runs { results { runId status startTime endTime assetSelection { path } } } } }
"""


@dataclass(frozen=True)
class Figures:
    """Of one benchmark; times in seconds."""

    days: int
    partitions: int
    events: int
    backfill_seconds: float
    processor_seconds: float
    """User and system time of everything that `dagster dev` started; on a machine that others use, the better measure."""
    runs: int
    requests: int
    resumed_seconds: float
    """Of the second backfill, after the first had been stopped at a third of the days."""
    days_fetched_twice: int
    refetched_requests: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--days", type=int, default=90)
    arguments.add_argument("--events-per-day", type=int, default=200)
    arguments.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary folder")
    arguments.add_argument("--without-interruption", action="store_true", help="only the whole backfill")
    chosen = arguments.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-backfill-"))
    try:
        figures = measure(folder, chosen.days, chosen.events_per_day, interrupted=not chosen.without_interruption)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)
    print(json.dumps(asdict(figures)))


def measure(folder: Path, days: int, events_per_day: int, *, interrupted: bool) -> Figures:
    """A backfill that is left alone, then one that is stopped and asked for again, in homes of their own."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    tenant = Tenant.invented(seed=11, last_day=last, days=days, events_per_day=events_per_day)
    wanted = [last - timedelta(days=before) for before in reversed(range(days))]
    # Its clock stands where the last day ended: with every hour it would otherwise have lost one of the first day.
    with serve(tenant, clock=lambda: _bounds(wanted)[1]) as emulator:
        with dagster_dev(folder / "whole", **_settings(emulator, wanted)) as dagster:
            began, started = time.monotonic(), dagster.processor_seconds()
            backfill = _launch(dagster, wanted)
            _wait(dagster, backfill)
            seconds = time.monotonic() - began
            processor = dagster.processor_seconds() - started
            runs = _runs(dagster, backfill)
        requests = len(emulator.requests)
        events = _published_events(folder / "whole")
        assert events == emulator.truth.count("all", *_bounds(wanted)), "not every event was published"
        print(f"{days} days of {len(KNOWN_SERVICES)} services, {events:,} events: {seconds:.0f} s in {runs} runs, "
              f"{requests:,} requests, {processor:.0f} s of processor (promised: {BACKFILL_SECONDS:.0f} s)")  # fmt: skip
        resumed, twice, again = _resume(folder / "stopped", emulator, wanted) if interrupted else (0.0, 0, 0)
    return Figures(days, days * len(KNOWN_SERVICES), events, round(seconds, 1), round(processor, 1), runs, requests,
                   round(resumed, 1), twice, again)  # fmt: skip


def _resume(home: Path, emulator: RunningEmulator, wanted: list[date]) -> tuple[float, int, int]:
    """Seconds of the second backfill, days that were asked for events twice, and requests for events of such days."""
    emulator.requests.clear()
    with dagster_dev(home, **_settings(emulator, wanted)) as dagster:
        first = _launch(dagster, wanted)
        manifests = home / "lake" / "raw"
        while sum(1 for _ in manifests.rglob("manifest.json")) < len(wanted) * len(KNOWN_SERVICES) / 3:
            time.sleep(0.2)
        dagster.ask(_CANCEL, id=first)
        _wait(dagster, first)
        _wait_for_runs(dagster, first)
        held = {path.parent.relative_to(manifests) for path in manifests.rglob("manifest.json")}
        fetched = _fetches(emulator)
        began = time.monotonic()
        second = _launch(dagster, wanted)
        _wait(dagster, second)
        seconds = time.monotonic() - began
    assert _published_events(home) == emulator.truth.count("all", *_bounds(wanted)), "not every event was published"
    now = _fetches(emulator)
    twice = {day for day in fetched if now[day] > fetched[day] and _folder(day) in held}
    again = sum(now[day] - fetched[day] for day in twice)
    print(f"stopped with {len(held):,} days held, asked for again: {seconds:.0f} s, {len(twice)} of them fetched twice")
    return seconds, len(twice), again


def _fetches(emulator: RunningEmulator) -> Counter[tuple[str, str]]:
    """Requests for events, by service and UTC day; counts aren't fetches."""
    return Counter(
        (str(request.body["service"][0]), str(request.body["start_time"])[:10])
        for request in list(emulator.requests)
        if request.call == "events" and request.body is not None
    )


def _folder(day: tuple[str, str]) -> Path:
    return Path(f"org=self/service={day[0]}/date={day[1]}")


def _settings(emulator: RunningEmulator, wanted: list[date]) -> dict[str, str]:
    return {
        "JUMPCLOUD_API_URL": emulator.url,
        "JUMPCLOUD_API_KEY": DEMO_API_KEY,
        "INSIGHTS_START_DATE": wanted[0].isoformat(),
        "INSIGHTS_RETENTION_DAYS": str(len(wanted) + 10),
        "INSIGHTS_SETTLE_MINUTES": "0",
        "INSIGHTS_MAX_REQUESTS_PER_SECOND": REQUESTS_PER_SECOND,
    }


def _launch(dagster: DagsterDev, wanted: list[date]) -> str:
    assets = [node["assetKey"] for node in dagster.ask(_ASSETS)["assetNodes"] if node["isMaterializable"]]
    parameters = {"assetSelection": assets, "partitionNames": [day.isoformat() for day in wanted]}
    launched = dagster.ask(_LAUNCH, backfill=parameters)["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    return str(launched["backfillId"])


def _wait(dagster: DagsterDev, backfill: str) -> None:
    while True:
        status = dagster.ask(_BACKFILL, id=backfill)["partitionBackfillOrError"]["status"]
        if status in ("COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "CANCELED", "FAILED"):
            print(f"backfill {backfill}: {status}", flush=True)
            return
        time.sleep(0.5)


def _wait_for_runs(dagster: DagsterDev, backfill: str) -> None:
    ended = {"SUCCESS", "FAILURE", "CANCELED"}
    while any(run["status"] not in ended for run in dagster.ask(_RUNS, id=backfill)["runsOrError"]["results"]):
        time.sleep(0.5)


def _runs(dagster: DagsterDev, backfill: str) -> int:
    runs = dagster.ask(_RUNS, id=backfill)["runsOrError"]["results"]
    for run in sorted(runs, key=lambda run: run["startTime"] or 0):
        print(f"  run of {len(run['assetSelection'] or [])} assets: {run['status']}, "
              f"{(run['endTime'] or 0) - (run['startTime'] or 0):.0f} s, started {run['startTime']:.0f}")  # fmt: skip
    return len(runs)


def _bounds(wanted: list[date]) -> tuple[datetime, datetime]:
    first, last = (datetime.combine(day, datetime.min.time(), UTC) for day in (wanted[0], wanted[-1]))
    return first, last + timedelta(days=1)


def _published_events(home: Path) -> int:
    with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as connection:
        row = connection.execute("select sum(held_events) from coverage").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
