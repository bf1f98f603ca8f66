"""What a build of the models costs as the history grows: one new day on top of 5, 30 and 90, and all of it anew.

    python -m benchmarks.models [--events-per-day N] [--history 5 30 90] [--folder DIR]

The events are those of the emulated tenant, multiplied with ids of their own. Prints one JSON object per figure: seconds
and peak memory of dbt's process, which is all that a build adds to the publication.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from insights_pipeline.emulator import Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES, arrow_schema
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse import EXCLUDED, CoverageDay, finish_build, prepare_build, publish, run_dbt
from insights_pipeline_tests.warehouse.days import write_day

TEMPLATE_DAY = date(2026, 5, 29)
FIRST_DAY = date(2026, 6, 1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--events-per-day", type=int, default=100_000)
    arguments.add_argument("--history", type=int, nargs="+", default=[5, 30, 90])
    arguments.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary folder")
    chosen = arguments.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-benchmark-"))
    try:
        for figure in measure(folder, chosen.events_per_day, chosen.history):
            print(json.dumps(figure), flush=True)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)


def measure(folder: Path, events_per_day: int, history: list[int]) -> Iterator[dict[str, float | int | str]]:
    """Builds the days up to each length of history at once, then one more day on top."""
    template = template_days(Lake(folder / "template"))
    home = folder / "home"
    lake = Lake(home / "lake")
    written = 0
    for days in sorted(history):
        written = add_days(lake, template, events_per_day, written, days)
        yield build(home, lake, f"up to {days} days")
        written = add_days(lake, template, events_per_day, written, days + 1)
        yield build(home, lake, f"one day on top of {days}")
    (home / "warehouse.duckdb").unlink()
    yield build(home, lake, f"all {written} days anew")
    started = time.perf_counter()
    published = publish(home, lake)
    yield {"what": "publish", "seconds": round(time.perf_counter() - started, 1), "bytes": published.bytes}


def template_days(lake: Lake) -> dict[str, str]:
    """A typed file of the emulated tenant per service, a weekday with the tenant's story in it."""
    tenant = Tenant.invented(seed=7, last_day=TEMPLATE_DAY, days=1, events_per_day=2_000)
    files = {}
    with serve(tenant=tenant) as emulator:
        for service in KNOWN_SERVICES:
            key = DayKey("self", service, TEMPLATE_DAY)
            write_day(lake, key, emulator.truth.events(service, key.start, key.end))
            files[service] = lake.location(key.events_file)
    return files


def add_days(lake: Lake, template: dict[str, str], events_per_day: int, first: int, end: int) -> int:
    """Writes the days `first` to `end`, the last left out; gives `end`."""
    with duckdb.connect() as connection:
        counts = {
            service: connection.execute("select count(*) from read_parquet(?)", [file]).fetchone()
            for service, file in template.items()
        }
        copies = events_per_day // sum(count[0] for count in counts.values() if count)
        for number in range(first, end):
            day = FIRST_DAY + timedelta(days=number)
            shift = (day - TEMPLATE_DAY).days
            for service, file in template.items():
                columns = ", ".join(
                    {
                        "id": f"id || '-{number}-' || copy as id",
                        "timestamp": f"timestamp + interval {shift} days as timestamp",
                    }.get(name, f'"{name}"')
                    for name in arrow_schema(service).names
                )
                with lake.writing(DayKey("self", service, day).events_file) as path:
                    connection.execute(
                        f"copy (select {columns} from read_parquet('{file}'), range({copies}) as copies (copy)"
                        f" order by timestamp, id) to '{path}' (format parquet, compression zstd)"
                    )
    return end


def build(home: Path, lake: Lake, what: str) -> dict[str, float | int | str]:
    """One build; the memory is the highest of all builds so far, which is how the system counts children."""
    coverage = [
        CoverageDay(file.key.org, file.key.service, file.key.day, "complete", 1, 1, 0, datetime.now(UTC), None, None)
        for file in lake.events_files()
    ]
    plan = prepare_build(home, lake, coverage)
    started = time.perf_counter()
    run_dbt([*plan.arguments, "--exclude", EXCLUDED], plan.environment, home / "target")
    seconds = time.perf_counter() - started
    finish_build(home, plan)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {"what": what, "changed_days": len(plan.changed_days), "seconds": round(seconds, 1), "peak_mb": peak}


if __name__ == "__main__":
    main()
