"""One home through the stages of its life, each run once and kept for `test_run` and `test_failures` to look at."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from insights_pipeline.emulator import Behaviour, Fault, Tenant, serve
from insights_pipeline.orchestration.build import build_defs
from insights_pipeline.orchestration.jobs import pipeline_config
from insights_pipeline.orchestration.partitions import range_tags
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.run import RunReport, renormalize, run_pipeline
from insights_pipeline.reports.write import are_current
from insights_pipeline.warehouse import published_file
from insights_pipeline_tests.orchestration.mishaps import DOWN, Mishaps, go_through, start
from insights_pipeline_tests.orchestration.running import DAYS, NOW, SERVICES, pipeline_at

SSO_IS_FORBIDDEN = Behaviour(faults=(Fault("status", status=403, services=frozenset({"sso"})),))


@dataclass(frozen=True)
class Stage:
    """A run, and what could be read afterwards."""

    report: RunReport
    held: dict[str, int]


@dataclass(frozen=True)
class Story:
    """Runs with a service that is forbidden, with it allowed, with nothing new, through mishaps, with a typed file damaged."""

    short: Stage
    healed: Stage
    quiet: Stage
    mishaps: Mishaps
    damaged: Stage
    mended: dg.ExecuteInProcessResult
    """Of the whole job, with the service forbidden again and the damaged file removed."""
    idle: dg.ExecuteInProcessResult
    """Of the whole job as the schedule of every 15 minutes asks for it, with nothing new."""
    idle_short: dg.ExecuteInProcessResult
    """The same while the service is forbidden."""
    held_at_last: dict[str, int]
    true: dict[str, int]
    reader: list[tuple[Any, ...]]
    """What a reader that had opened the database before the second run still saw after it."""
    full: subprocess.CompletedProcess[str]
    """Of publishing to a full disk, at the very end."""
    untouched_by_full: bool
    left_behind: list[str]
    reports: tuple[bool, bool]
    """Whether there were reports of the published database: after the first run, and after the one with nothing new,
    before which they were removed."""
    renormalized: Stage
    """All typed files made again while JumpCloud can't be reached."""
    files: dict[str, tuple[bytes, bytes]]
    """Typed files before and after that."""


def held(home: Path) -> dict[str, int]:
    with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as connection:
        figures = connection.execute(
            "select service, sum(held_events) from coverage where state = 'complete' group by all"
        )
        return {service: int(events) for service, events in figures.fetchall()}


@contextmanager
def told(home: Path) -> Iterator[Story]:
    tenant = Tenant.invented(seed=3, last_day=DAYS[-1], days=len(DAYS), events_per_day=200)
    with serve(tenant, behaviour=SSO_IS_FORBIDDEN, clock=lambda: NOW) as emulator:
        pipeline = pipeline_at(emulator.url, home, home / "lake")

        def run() -> Stage:
            return Stage(run_pipeline(pipeline, SERVICES, DAYS, named=False), held(home))

        short = run()
        first_reports = are_current(home)
        with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as reader:
            emulator.emulator.behaviour = Behaviour()
            report = run_pipeline(pipeline, SERVICES, DAYS, named=False)
            seen = reader.execute("select service, sum(held_events) from coverage group by all").fetchall()
        # Only now: within a process DuckDB gives a second connection to a path the file that the first one has open.
        healed = Stage(report, held(home))
        shutil.rmtree(home / "reports")
        quiet = run()
        reports = (first_reports, are_current(home))
        mishaps = go_through(pipeline, emulator)
        typed = Path(pipeline.lake.location(f"events/org=self/service=radius/date={DAYS[0]}/events.parquet"))
        whole = typed.read_bytes()
        # The same size: only reading it can tell.
        typed.write_bytes(b"PAR1" + bytes(len(whole) - 8) + b"PAR1")
        damaged = run()
        typed.unlink()
        emulator.emulator.behaviour = SSO_IS_FORBIDDEN
        with dg.DagsterInstance.ephemeral() as instance:
            job = build_defs(pipeline).resolve_job_def("insights")
            mended = job.execute_in_process(instance=instance, tags=range_tags(DAYS[0], DAYS[-1]), raise_on_error=False)
        idle_short = _quarter_hour(job)
        emulator.emulator.behaviour = Behaviour()
        idle = _quarter_hour(job)
        true = {name: emulator.truth.count(name, *_bounds()) for name in SERVICES}
        held_at_last = held(home)
        before = _typed_files(pipeline)
        emulator.emulator.behaviour = DOWN
        renormalized = Stage(renormalize(pipeline, SERVICES, DAYS), held(home))
        emulator.emulator.behaviour = Behaviour()
        files = {name: (before[name], content) for name, content in _typed_files(pipeline).items()}
        before_full = published_file(home).read_bytes()
        full = start(emulator, home, Path(pipeline.lake.place), "100000").communicate_to_end()
        untouched = published_file(home).read_bytes() == before_full
        left_behind = [path.name for path in home.iterdir() if path.name.endswith(".tmp")]
        yield Story(
            short,
            healed,
            quiet,
            mishaps,
            damaged,
            mended,
            idle,
            idle_short,
            held_at_last,
            true,
            seen,
            full,
            untouched,
            left_behind,
            reports,
            renormalized,
            files,
        )


def _quarter_hour(job: dg.JobDefinition) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance,
            tags=range_tags(DAYS[0], DAYS[-1]),
            run_config=pipeline_config(named=False, only_if_changed=True),
            raise_on_error=False,
        )


def _typed_files(pipeline: Pipeline) -> dict[str, bytes]:
    return {file.key.folder: pipeline.lake.read(file.key.events_file) for file in pipeline.lake.events_files()}


def _bounds() -> tuple[datetime, datetime]:
    return datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)
