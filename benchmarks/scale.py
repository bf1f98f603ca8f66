"""What one day costs as it grows: each stage's time, processor, memory and bytes, at 10,000 to 10,000,000 events a day.

    python -m benchmarks.scale [--events 10000 100000 1000000 10000000] [--folder DIR]

One organization, one day, all services in the mix of a company that signs in a lot, from an emulated service that takes 150 ms
an answer and 60 µs a row. Collecting keeps to the default limits, 10 requests a second and 8 at once. Each stage runs in a
process of its own. Prints a line a stage for people, then one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.collect import CONCURRENCY, Load, served
from insights_pipeline.collector import Collector
from insights_pipeline.emulator import DEMO_API_KEY
from insights_pipeline.emulator.tenant.catalogue import KNOWN_SERVICES
from insights_pipeline.events import normalized_services
from insights_pipeline.jumpcloud import ApiKey, DirectoryInsights, RequestLimits
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse import EXCLUDED, CoverageDay, finish_build, prepare_build, publish, run_dbt

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
LATENCY_MILLISECONDS = 150.0
ROW_MICROSECONDS = 60.0

# More than a page holds of any service's events but the largest: pages compress as those of a real tenant do.
VARIETY = 8_192

# Shares of a day in percent; what they leave of 100 is spread evenly over the other services.
SHARES = {"sso": 30, "directory": 28, "radius": 16, "systems": 11, "ldap": 6}


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took for one day; `cpu_seconds` and `peak_megabytes` of its own process, or of dbt's."""

    events: int
    stage: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: int
    bytes: int
    """What it left on disk."""

    def __str__(self) -> str:
        return (
            f"{self.events:>12,} events  {self.stage:<9}  {self.seconds:7.1f} s  {self.cpu_seconds:7.1f} s of CPU  "
            f"{self.peak_megabytes:5,} MB  {self.bytes / max(1, self.events):6.0f} bytes an event"
        )


def main() -> None:
    """Measures each size and prints what was found."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--events", type=int, nargs="*", default=SIZES, help="events of the day")
    arguments.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary folder")
    chosen = arguments.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-scale-"))
    found = []
    try:
        for events in chosen.events:
            for stage in measure(folder / str(events), events):
                print(stage, flush=True)
                found.append(asdict(stage))
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)
    print(json.dumps(found))


def measure(home: Path, events: int) -> Iterator[Stage]:
    """One day of so many events, stage by stage."""
    load = day_of(events)
    root = home / "lake"
    with served(load) as url:
        yield stage_of(events, "collect", alone(_collect, url, load.keys, root), bytes_below(root / "raw"))
    held = sum(load.events_per_day.values())
    yield stage_of(held, "normalize", alone(_normalize, root, load.keys), bytes_below(root / "events"))
    yield stage_of(held, "model", alone(_model, home, load.keys), (home / "warehouse.duckdb").stat().st_size)
    yield stage_of(held, "publish", alone(_publish, home), (home / "insights.duckdb").stat().st_size)


def day_of(events: int) -> Load:
    """A day of so many events over all services."""
    others = sorted(KNOWN_SERVICES - SHARES.keys())
    of_each = (100 - sum(SHARES.values())) / len(others)
    shares = SHARES | dict.fromkeys(others, of_each)
    return Load(
        {service: max(1, round(events * share / 100)) for service, share in shares.items()},
        days=1,
        latency_milliseconds=LATENCY_MILLISECONDS,
        row_microseconds=ROW_MICROSECONDS,
        variety=min(VARIETY, events),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one stage; seconds and megabytes."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: int


def stage_of(events: int, stage: str, cost: Cost, written: int) -> Stage:
    return Stage(events, stage, round(cost.seconds, 1), round(cost.cpu_seconds, 1), cost.peak_megabytes, written)


def alone(work: Callable[..., Any], *arguments: object) -> Cost:
    """Runs the work to its end in a fresh process, so that what one stage leaves in memory doesn't show in the next."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_weighed, work, *arguments).result()


def _weighed(work: Callable[..., Any], *arguments: object) -> Cost:
    started, before = time.perf_counter(), time.process_time()
    work(*arguments)
    seconds, own = time.perf_counter() - started, time.process_time() - before
    # Where the work is another program's, dbt's, that one counts: this process only waits for it.
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not getrusage for the own: its figure begins with what the parent held when it forked.
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return Cost(seconds, own + children.ru_utime + children.ru_stime, max(int(peak), children.ru_maxrss) // 1024)


def _collect(url: str, keys: list[DayKey], root: Path) -> None:
    async def run_once() -> None:
        async with DirectoryInsights(url, ApiKey(DEMO_API_KEY), limits=RequestLimits()) as client:
            now = datetime.combine(keys[0].day + timedelta(days=10), datetime.min.time(), UTC)
            collector = Collector(Lake(root), client, lambda: now, timedelta(minutes=60), CONCURRENCY)
            outcomes = await collector.collect(keys)
        states = {outcome.manifest.state if outcome.manifest else "missing" for outcome in outcomes}
        if states != {"complete"}:
            raise SystemExit(f"The collector did not prove every day: {states}.")

    asyncio.run(run_once())


def _normalize(root: Path, keys: list[DayKey]) -> None:
    lake = Lake(root)
    for _ in normalized_services(lake, [[key] for key in keys]):
        pass


def _model(home: Path, keys: list[DayKey]) -> None:
    now = datetime.now(UTC)
    proven = [CoverageDay(key.org, key.service, key.day, "complete", 1, 1, 0, now, now, None) for key in keys]
    plan = prepare_build(home, Lake(home / "lake"), proven)
    run_dbt([*plan.arguments, "--exclude", EXCLUDED], plan.environment, home / "target")
    finish_build(home, plan)


def _publish(home: Path) -> None:
    publish(home, Lake(home / "lake"))


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
