"""What a lake of years costs in an object store: requests, and seconds, of what a run, a build and a query do to it.

    python -m benchmarks.object_store [--days N] [--latency-ms N] [--rebuild] [--folder DIR]

Five years of one tenant are 1,826 days of 16 services: 29,216 days, each with a page, a manifest, a typed file and its record.
The store is moto's on loopback, each of whose answers is held back by `--latency-ms`, some of what S3 takes; requests are
counted there. Each step is a process of its own. Prints one JSON object per step.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from benchmarks.models import FIRST_DAY, TEMPLATE_DAY, moved, template_day
from insights_pipeline.collector import coverage
from insights_pipeline.events.parquet import writer
from insights_pipeline.events.record import normalized, record_file, recorded
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.lake.manifest import encode
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline.warehouse import EXCLUDED, CoverageDay, finish_build, prepare_build, publish, query, run_dbt
from insights_pipeline_tests.object_store import BUCKET, ObjectStore, running_object_store

EVENTS_PER_DAY = 300


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--days", type=int, default=1826)
    arguments.add_argument("--latency-ms", type=float, default=20)
    arguments.add_argument("--rebuild", action="store_true", help="also build the models of all days anew")
    arguments.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary folder")
    arguments.add_argument("--step", help=argparse.SUPPRESS)
    arguments.add_argument("--place", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.step:
        STEPS[chosen.step](chosen.folder, Lake(chosen.place))
        return
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-benchmark-"))
    try:
        with running_object_store() as store:
            days, objects = fill(folder, chosen.days)
            print(json.dumps({"what": "the lake", "days_of_services": days, "objects": objects}), flush=True)
            store.door.latency_seconds = chosen.latency_ms / 1000
            steps = [step for step in STEPS if chosen.rebuild or step != "build of all days"]
            for step in steps:
                print(json.dumps(measured(step, folder, store)), flush=True)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)


def fill(folder: Path, days: int) -> tuple[int, int]:
    """Puts the days into the store's memory, past its protocol, which would take minutes."""
    local = Lake(folder / "template")
    template = template_day(local, EVENTS_PER_DAY)
    list(normalized(local, [DayKey("self", service, TEMPLATE_DAY) for service in template.tables], anew=True))
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    objects = 0
    for number in range(days):
        day = FIRST_DAY - timedelta(days=days - number)
        for service, table in template.tables.items():
            key, like = DayKey("self", service, day), DayKey("self", service, TEMPLATE_DAY)
            path = folder / "events.parquet"
            with writer(str(path), table.schema) as rows:
                rows.write(moved(table, day))
            content = path.read_bytes()
            manifest, record = local.manifest(like), recorded(local, like)
            assert manifest is not None
            assert record is not None
            own = replace(record.day, key=key, file=key.events_file, bytes=len(content))
            put = {
                f"{key.raw_folder}/first/0000.json.zst": b"a page",
                key.manifest_file: encode(msgspec.structs.replace(manifest, date=day)),
                key.events_file: content,
                record_file(key): msgspec.json.encode(msgspec.structs.replace(record, day=own)),
            }
            for name, value in put.items():
                backend.put_object(BUCKET, f"lake/{name}", value)
                objects += 1
    return days * len(template.tables), objects


def measured(step: str, folder: Path, store: ObjectStore) -> dict[str, Any]:
    store.door.asked.clear()
    command = [sys.executable, "-m", "benchmarks.object_store", "--step", step]
    command += ["--folder", str(folder), "--place", store.address("lake")]
    started = time.perf_counter()
    said = subprocess.run(command, env={**os.environ, **store.variables}, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    return {
        "what": step,
        "seconds": float(said.stdout.split()[-1]),
        "with_imports": round(seconds, 1),
        "requests": dict(sorted(store.door.asked.items())),
    }


def timed(work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    print(round(time.perf_counter() - started, 1))


def list_raw(folder: Path, lake: Lake) -> None:
    timed(lake.raw_days)


def list_events(folder: Path, lake: Lake) -> None:
    timed(lake.events_files)


def tell_coverage(folder: Path, lake: Lake) -> None:
    settings = IsolatedSettings(INSIGHTS_HOME=folder / "home", JUMPCLOUD_API_KEY="none")
    now = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
    timed(lambda: coverage(lake, settings, ("directory",), now))


def build(folder: Path, lake: Lake) -> None:
    """Everything but collecting that a run does; the days of a first build are all there are."""
    home = folder / "home"

    def work() -> None:
        days = [
            CoverageDay(
                file.key.org, file.key.service, file.key.day, "complete", 1, 1, 0, datetime.now(UTC), None, None
            )
            for file in lake.events_files()
        ]
        plan = prepare_build(home, lake, days)
        run_dbt([*plan.arguments, "--exclude", EXCLUDED], {**os.environ, **plan.environment}, home / "target")
        finish_build(home, plan)
        publish(home, lake)

    timed(work)


def change_a_day(folder: Path, lake: Lake) -> None:
    """What a new day is to a build: another file for each service."""
    for file in lake.events_files():
        if file.key.day == FIRST_DAY - timedelta(days=1):
            table = pq.ParquetFile(lake_file(folder, lake, file.key)).read()
            with lake.writing(file.key.events_file) as path, writer(path, table.schema) as rows:
                rows.write(table.slice(0, max(0, table.num_rows - 1)))
    build(folder, lake)


def lake_file(folder: Path, lake: Lake, key: DayKey) -> Path:
    path = folder / "one.parquet"
    path.write_bytes(lake.read(key.events_file))
    return path


def ask_a_day(folder: Path, lake: Lake) -> None:
    day = FIRST_DAY - timedelta(days=30)
    timed(lambda: query(folder / "home", f"select count(*) from events where service = 'sso' and date = date '{day}'"))


STEPS: dict[str, Callable[[Path, Lake], None]] = {
    "list raw days": list_raw,
    "list typed files": list_events,
    "coverage, first time": tell_coverage,
    "coverage, again": tell_coverage,
    "build of all days": build,
    "build of one day": change_a_day,
    "one day of one service from `events`": ask_a_day,
}

if __name__ == "__main__":
    main()
