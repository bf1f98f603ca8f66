"""What a build of the models costs as the history grows: one new day on top of 5, 30 and 90, and all of it anew.

    python -m benchmarks.models [--events-per-day N] [--history 5 30 90] [--rebuild N] [--folder DIR]

The events are a weekday of the emulated tenant with the tenant's story in it, 16 services: two thirds are sign-ins (SSO
25 %, RADIUS 16 %, user portal 10 %, devices 9 %, LDAP 6 %), a tenth changes in the directory, the rest of devices, software
and searches, with some hundred calls with an old key. The mix is printed. Each further day is the same with ids and times
of its own, written by the writer of the typed files. Prints one JSON object per figure: wall and CPU seconds of dbt's process,
its peak memory, and how long the published tables take to answer the questions that the pages of the reports ask.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from insights_pipeline.emulator import Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.events.parquet import writer
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse import EXCLUDED, BuildPlan, CoverageDay, finish_build, prepare_build, publish, run_dbt
from insights_pipeline_tests.warehouse.days import write_day

TEMPLATE_DAY = date(2026, 5, 29)
FIRST_DAY = date(2026, 6, 1)
EPOCH = date(1970, 1, 1)

# What a page of the last week asks for: its figures, its charts, its lists of the newest and the worst.
PAGE_QUERIES = {
    "sign-ins: figures": (
        "select count(*), count(*) filter (where outcome = 'failure'), count(distinct (org, person_id)),"
        " count(distinct client_ip), count(*) filter (where mfa_used) from authentications where $week"
    ),
    "sign-ins: a day, channel and outcome": (
        "select date, channel, outcome, sum(attempts) from authentication_daily group by all order by all"
    ),
    "sign-ins: countries": (
        "select country_code, sum(attempts) as attempts from authentication_daily group by all order by attempts desc"
    ),
    "sign-ins: newest failures": (
        "select occurred_at, actor, channel, application, failure_reason, client_ip from authentications"
        " where $week and outcome = 'failure' order by occurred_at desc limit 200"
    ),
    "sign-ins: addresses that fail": (
        "select client_ip, count(distinct actor), count(*) from authentications where $week and outcome = 'failure'"
        " group by client_ip order by 2 desc limit 20"
    ),
    "sign-ins: people": "from authentication_people order by failures_in_7_days desc limit 50",
    "sign-ins: people without a factor": "from authentication_people where never_mfa order by attempts desc limit 50",
    "changes: figures": (
        "select count(*), count(*) filter (where effect = 'weakens'), count(distinct actor) from admin_changes where $week"
    ),
    "changes: a day and area": (
        "select date, area, sum(changes), sum(weakening_changes) from admin_activity_daily group by all order by all"
    ),
    "changes: newest that weaken": (
        "select occurred_at, summary, risk from admin_changes where $week and effect = 'weakens'"
        " order by occurred_at desc limit 200"
    ),
    "changes: newest": "select occurred_at, summary from admin_changes where $week order by occurred_at desc limit 200",
    "old keys: callers": "from old_api_key_sources order by status, attempts desc",
    "old keys: burndown": "from old_api_key_burndown order by date",
    "coverage": "select state, count(*), sum(held_events), sum(expected_events) from coverage group by all",
}


@dataclass(frozen=True, slots=True)
class Template:
    """The typed files of one day by service."""

    tables: dict[str, pa.Table]

    @property
    def events(self) -> int:
        return sum(table.num_rows for table in self.tables.values())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--events-per-day", type=int, default=100_000)
    arguments.add_argument("--history", type=int, nargs="*", default=[5, 30, 90], help="days below the new one")
    arguments.add_argument("--rebuild", type=int, default=10_000_000, help="events that are built anew; 0 for none")
    arguments.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary folder")
    chosen = arguments.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-benchmark-"))
    try:
        for figure in measure(folder, chosen.events_per_day, sorted(chosen.history), chosen.rebuild):
            print(json.dumps(figure), flush=True)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)


def measure(folder: Path, events_per_day: int, history: list[int], rebuild: int) -> Iterator[dict[str, Any]]:
    """Builds the days up to each length of history at once, then one more day on top, then all anew."""
    template = template_day(Lake(folder / "template"), events_per_day)
    yield {"what": "the mix of a day", "events": template.events, "shares": mix(template)}
    home = folder / "home"
    lake = Lake(home / "lake")
    for days in history:
        add_days(lake, template, days)
        yield build(home, lake, f"up to {days} days")
        add_days(lake, template, days + 1)
        yield build(home, lake, f"one day on top of {days}")
    if rebuild:
        add_days(lake, template, -(-rebuild // template.events))
        (home / "warehouse.duckdb").unlink(missing_ok=True)
        yield build(home, lake, "all anew")
    started = time.perf_counter()
    published = publish(home, lake)
    yield {"what": "publish", "seconds": round(time.perf_counter() - started, 1), "megabytes": published.bytes >> 20}
    yield {"what": "milliseconds of a page's queries", **page_queries(published.path)}


def template_day(lake: Lake, events: int) -> Template:
    """A weekday of the emulated tenant, typed; kept in the lake, since typing it is not what is measured."""
    keys = [DayKey("self", service, TEMPLATE_DAY) for service in KNOWN_SERVICES]
    if not lake.events_files():
        tenant = Tenant.invented(seed=7, last_day=TEMPLATE_DAY, days=1, events_per_day=events)
        with serve(tenant=tenant) as emulator:
            for key in keys:
                write_day(lake, key, emulator.truth.events(key.service, key.start, key.end))
    files = {key.service: lake.location(key.events_file) for key in keys}
    return Template({service: pq.read_table(file, partitioning=None) for service, file in files.items()})


def mix(template: Template) -> dict[str, float]:
    """The most common types of events and their share of all."""
    counts = Counter[str | None]()
    for table in template.tables.values():
        counts.update(table["event_type"].to_pylist())
    return {str(name): round(count / template.events, 3) for name, count in counts.most_common(25)}


def add_days(lake: Lake, template: Template, days: int) -> None:
    """Writes those of the first `days` days that aren't there yet."""
    for number in range(days):
        day = FIRST_DAY + timedelta(days=number)
        for service, table in template.tables.items():
            key = DayKey("self", service, day)
            if lake.size(key.events_file) is None:
                with lake.writing(key.events_file) as path, writer(str(path), table.schema) as rows:
                    rows.write(moved(table, day))


def moved(table: pa.Table, day: date) -> pa.Table:
    """The same events on another day. An id begins with its second in hexadecimal, as MongoDB's do."""
    shift = pa.scalar(day - TEMPLATE_DAY, pa.duration("us"))
    times = pc.add(table["timestamp"], shift)
    prefix = f"{(day - EPOCH).days * 86_400:08x}"
    ids = pc.binary_join_element_wise(prefix, pc.utf8_slice_codeunits(table["id"], 8), "")
    changed = {"id": ids, "timestamp": times}
    columns = [changed.get(name, table[name]).cast(table.schema.field(name).type) for name in table.column_names]
    return pa.table(columns, schema=table.schema)


def build(home: Path, lake: Lake, what: str) -> dict[str, Any]:
    """One build; time and memory are those of dbt's process."""
    coverage = [
        CoverageDay(file.key.org, file.key.service, file.key.day, "complete", 1, 1, 0, datetime.now(UTC), None, None)
        for file in lake.events_files()
    ]
    plan = prepare_build(home, lake, coverage)
    # In a process of its own, whose only child is dbt: the system counts children's peak memory all together.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as alone:
        cost = alone.submit(cost_of_dbt, plan, home / "target").result()
    finish_build(home, plan)
    return {"what": what, "changed_days": len(plan.changed_days), **cost}


def cost_of_dbt(plan: BuildPlan, target: Path) -> dict[str, float]:
    """Runs dbt; wall and CPU seconds, and peak megabytes of its process."""
    started = time.perf_counter()
    run_dbt([*plan.arguments, "--exclude", EXCLUDED], plan.environment, target)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": used.ru_maxrss // 1024,
    }


def page_queries(database: Path) -> dict[str, float]:
    """Milliseconds of each, in a connection of its own as a page has one; the second of two, when the file is cached."""
    times = {}
    for name, query in PAGE_QUERIES.items():
        for _ in range(2):
            with duckdb.connect(str(database), read_only=True) as connection:
                (last,) = connection.execute("select max(date) from coverage where held_events > 0").fetchone() or (
                    None,
                )
                week = f"event_date between date '{last - timedelta(days=6)}' and date '{last}'"
                started = time.perf_counter()
                connection.execute(query.replace("$week", week)).fetchall()
                times[name] = round((time.perf_counter() - started) * 1000, 1)
    return times


if __name__ == "__main__":
    main()
