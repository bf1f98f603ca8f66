"""What can break between runs, done to a home on purpose, and what each left: for `test_failures`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights_pipeline.collector import coverage
from insights_pipeline.collector.access import credentials
from insights_pipeline.emulator import Behaviour, Fault, RunningEmulator
from insights_pipeline.jumpcloud import DirectoryInsights, RetryPolicy
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.build import build_defs
from insights_pipeline.orchestration.partitions import range_tags
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.run import RunReport, run_pipeline
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import PROJECT_FOLDER, published_file
from insights_pipeline_tests.orchestration import running
from insights_pipeline_tests.orchestration.running import DAYS, NOW, SERVICES

DOUBLED, ROTTEN = (DayKey("self", service, DAYS[1]) for service in ("directory", "radius"))
DOWN = Behaviour(faults=(Fault("status", status=503),))
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Mishaps:
    """One after the other: the API is down, a page rots, a test of dbt fails, a build is killed."""

    published: Mapping[str, bytes]
    """The published file after each of them, and `before`."""
    down: RunReport
    rotten: dg.ExecuteInProcessResult
    rotten_states: Mapping[tuple[str, str], str]
    """Of the services' days after it."""
    failed_test: RunReport


def go_through(pipeline: Pipeline, emulator: RunningEmulator) -> Mishaps:
    """All of them; the next run finds a rotten page to fetch, typed days to make, and a build that was begun."""
    home = pipeline.settings.home
    published: dict[str, bytes] = {}

    def keep(name: str) -> None:
        published[name] = published_file(home).read_bytes()

    keep("before")
    down = while_down(pipeline, emulator)
    keep("down")
    rot(pipeline, ROTTEN)
    rotten = normalize(pipeline)
    rows = coverage(pipeline.lake, pipeline.settings, SERVICES, NOW, DAYS)
    keep("rotten")
    double(pipeline, DOUBLED)
    failed_test = run_pipeline(pipeline, [DOUBLED.service], DAYS, named=True)
    keep("failed test")
    pipeline.lake.remove_folder(DOUBLED.events_folder)
    kill_while_dbt_runs(emulator, home, Path(pipeline.lake.place))
    keep("killed")
    return Mishaps(published, down, rotten, {(row.service, str(row.date)): row.state for row in rows}, failed_test)


def while_down(pipeline: Pipeline, emulator: RunningEmulator) -> RunReport:
    """A run with a client that loses patience at once; the real one waits for minutes."""

    def impatient(settings: Settings) -> DirectoryInsights:
        return DirectoryInsights(
            str(settings.api_url), credentials(settings), retries=RetryPolicy(max_attempts=2, first_pause=0.01)
        )

    emulator.emulator.behaviour = DOWN
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("insights_pipeline.orchestration.raw.connect", impatient)
        report = run_pipeline(pipeline, SERVICES, DAYS, named=True)
    emulator.emulator.behaviour = Behaviour()
    return report


def rot(pipeline: Pipeline, key: DayKey) -> None:
    """A byte of a page on disk changes, and the typed file has to be made again."""
    manifest = pipeline.lake.manifest(key)
    assert manifest is not None
    page = Path(pipeline.lake.location(f"{key.raw_folder}/{manifest.pages[0].file}"))
    page.write_bytes(b"\0" + page.read_bytes()[1:])
    pipeline.lake.remove(key.events_file)


def normalize(pipeline: Pipeline) -> dg.ExecuteInProcessResult:
    job = build_defs(pipeline).resolve_job_def("collect_and_normalize")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(["events", service]) for service in SERVICES],
            tags=range_tags(DAYS[0], DAYS[-1]),
            raise_on_error=False,
        )


def double(pipeline: Pipeline, key: DayKey) -> None:
    """Every event twice, which no collected day has and dbt's tests forbid; as long as the file's own record says."""
    path = Path(pipeline.lake.location(key.events_file))
    size = path.stat().st_size
    table = pq.read_table(path, partitioning=None)
    pq.write_table(pa.concat_tables([table, table]), path, compression="zstd", compression_level=19)
    assert path.stat().st_size <= size * 2
    record = Path(pipeline.lake.location(f"{key.events_folder}/normalized.json"))
    record.write_text(record.read_text().replace(f'"bytes":{size}', f'"bytes":{path.stat().st_size}'))


@dataclass(frozen=True)
class Running:
    """A process in a session of its own, dbt's included."""

    process: subprocess.Popen[str]

    def communicate_to_end(self) -> subprocess.CompletedProcess[str]:
        _, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess([], self.process.returncode, "", errors)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def start(emulator: RunningEmulator, home: Path, lake: Path, *more: str) -> Running:
    command = [sys.executable, "-m", running.__name__, emulator.url, str(home), str(lake), *more]
    return Running(
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
    )


def kill_while_dbt_runs(emulator: RunningEmulator, home: Path, lake: Path) -> None:
    def logs() -> set[Path]:
        return set((PROJECT_FOLDER / "target").glob("dbt_models-*/dbt.log"))

    before = logs()
    run = start(emulator, home, lake)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not logs() - before:
        assert run.process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run.kill()
