"""What breaks leaves the published database as it was, says what happened, and the next run heals what can be healed.

One home goes through it all, since a build takes 10 seconds: the API is down, a page rots, a test of dbt fails, a build is
killed, all is well again, the disk is full.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights_pipeline.collector import coverage
from insights_pipeline.collector.access import credentials
from insights_pipeline.emulator import Behaviour, Fault, RunningEmulator, Tenant, serve
from insights_pipeline.jumpcloud import DirectoryInsights, RetryPolicy
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.build import build_defs
from insights_pipeline.orchestration.partitions import range_tags
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.run import RunReport, run_pipeline
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import PROJECT_FOLDER, published_file
from insights_pipeline_tests.orchestration import running
from insights_pipeline_tests.orchestration.running import DAY, NOW, SERVICES, pipeline_at

SSO, RADIUS = (DayKey("self", service, DAY) for service in SERVICES)
DOWN = Behaviour(faults=(Fault("status", status=503),))
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Story:
    """What each mishap left: `published` are the bytes of the published file after it."""

    published: dict[str, bytes]
    down: RunReport
    rotten: dg.ExecuteInProcessResult
    rotten_states: Mapping[str, str]
    failed_test: RunReport
    healed: RunReport
    held: int
    true: int
    full: subprocess.CompletedProcess[str]
    left_behind: list[str]


@pytest.fixture(scope="module")
def story(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    lake = tmp_path_factory.mktemp("lake")
    tenant = Tenant.invented(seed=4, last_day=DAY, days=1, events_per_day=300)
    published: dict[str, bytes] = {}
    with serve(tenant, clock=lambda: NOW) as emulator:
        pipeline = pipeline_at(emulator.url, shared_home, lake)

        def keep(name: str) -> None:
            published[name] = published_file(shared_home).read_bytes()

        assert run_pipeline(pipeline, SERVICES, [DAY], named=True).published
        keep("before")
        down = while_down(pipeline, emulator)
        keep("down")
        rot(pipeline, RADIUS)
        rotten = normalize(pipeline)
        states = {row.service: row.state for row in coverage(pipeline.lake, pipeline.settings, SERVICES, NOW, [DAY])}
        keep("rotten")
        double(pipeline, SSO)
        failed_test = run_pipeline(pipeline, SERVICES, [DAY], named=True)
        keep("failed test")
        forget(pipeline, SSO)
        kill_while_dbt_runs(emulator, shared_home, lake)
        keep("killed")
        healed = run_pipeline(pipeline, SERVICES, [DAY], named=True)
        keep("healed")
        with duckdb.connect(str(published_file(shared_home)), read_only=True) as connection:
            ((held,),) = connection.execute("select count(*) from events").fetchall()
        true = sum(emulator.truth.count(service, SSO.start, SSO.end) for service in SERVICES)
        full = start(emulator, shared_home, lake, "100000").communicate_to_end()
        keep("full")
        left_behind = [path.name for path in shared_home.iterdir() if path.name.endswith(".tmp")]
        yield Story(published, down, rotten, states, failed_test, healed, held, true, full, left_behind)


def while_down(pipeline: Pipeline, emulator: RunningEmulator) -> RunReport:
    """A run with a client that loses patience at once; the real one waits for minutes."""

    def impatient(settings: Settings) -> DirectoryInsights:
        return DirectoryInsights(
            str(settings.api_url), credentials(settings), retries=RetryPolicy(max_attempts=2, first_pause=0.01)
        )

    emulator.emulator.behaviour = DOWN
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("insights_pipeline.orchestration.raw.connect", impatient)
        report = run_pipeline(pipeline, SERVICES, [DAY], named=True)
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
            tags=range_tags(DAY, DAY),
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


def forget(pipeline: Pipeline, key: DayKey) -> None:
    pipeline.lake.remove_folder(key.events_folder)


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


@pytest.mark.parametrize("mishap", ["down", "rotten", "failed test", "killed"])
def test_a_mishap_leaves_the_published_database_as_it_was(story: Story, mishap: str) -> None:
    assert story.published[mishap] == story.published["before"]


def test_an_api_that_is_down_is_told_for_each_service(story: Story) -> None:
    assert not story.down.published
    assert {outcome.key.service for outcome in story.down.outcomes if outcome.failure} == set(SERVICES)
    assert all("503" in str(outcome.failure) for outcome in story.down.outcomes)


def test_a_rotten_page_fails_a_check_and_makes_its_day_short_and_no_other(story: Story) -> None:
    assert story.rotten.success
    checks = {
        (check.asset_key.path[-1], check.check_name): check for check in story.rotten.get_asset_check_evaluations()
    }
    assert not checks["radius", "rejects_and_misfits"].passed
    assert checks["radius", "rejects_and_misfits"].severity is dg.AssetCheckSeverity.ERROR
    assert checks["sso", "rejects_and_misfits"].passed
    assert story.rotten_states == {"sso": "complete", "radius": "short"}


def test_a_failing_test_of_dbt_is_named(story: Story) -> None:
    (fault,) = story.failed_test.faults
    assert "unique_combination_authentications" in fault
    assert "the published database stays as it was" in fault


def test_the_next_run_heals_all_of_it(story: Story) -> None:
    assert story.healed.faults == []
    assert story.healed.published
    assert {day.state for day in story.healed.coverage} == {"complete"}
    assert story.held == story.true > 0


def test_a_full_disk_is_told_and_nothing_of_the_new_database_is_left(story: Story) -> None:
    assert story.full.returncode == 1
    assert "free some space" in story.full.stderr
    assert "Traceback" not in story.full.stderr
    assert story.published["full"] == story.published["healed"]
    assert story.left_behind == []
