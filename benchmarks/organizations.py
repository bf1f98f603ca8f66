"""What many organizations cost: the whole way of `insights run` for 1, 20 and 200 of them, 16 services and 7 days each.

    python -m benchmarks.organizations [--organizations 1 20 200] [--events-per-day N] [--folder DIR]

Each number of organizations gets a home of its own and three runs: seven days, the same seven again with nothing new, and one
new day. Every run is the command line's, a process of its own, on an emulated provider whose customers are small: most days
of most services have a handful of events, many have none. Prints lines for people, then one line of JSON: seconds of wall
clock by stage and of processor, the peak memory of the stage, requests, files in the lake.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster import DagsterEventType

from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator, Tenant, serve
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline_tests.dagster_dev import DAGSTER_YAML

DAYS = 7
SAMPLE_SECONDS = 0.1

# The default, 10 a second, spares JumpCloud; here it would measure the limiter.
REQUESTS_PER_SECOND = "1000"

# The steps of a run as people think of them.
STAGES = {
    "collect": "collect",
    "normalize": "normalize",
    "dbt_models": "model",
    "insights_duckdb": "publish",
    "reports": "report",
}
BETWEEN = "around"
"""What is no step: imports, what is due, what is held."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory of a run's processes at a moment (seconds since the epoch)."""

    at: float
    megabytes: float


@dataclass(frozen=True)
class Run:
    """Of one `insights run`; seconds by stage, `peak_megabytes` by stage of all its processes together."""

    what: str
    organizations: int
    day_services: int
    events: int
    seconds: float
    processor_seconds: float
    stages: dict[str, float]
    peak_megabytes: dict[str, float]
    requests: int
    files: int
    said: str
    """The last line that it printed."""

    def __str__(self) -> str:
        stages = ", ".join(
            f"{stage} {seconds:.1f} s ({self.peak_megabytes.get(stage, 0):,.0f} MB)"
            for stage, seconds in self.stages.items()
        )
        return (
            f"{self.organizations} organizations, {self.what}: {self.seconds:.1f} s of wall clock, "
            f"{self.processor_seconds:.1f} s of processor, {1000 * self.seconds / self.organizations:,.0f} ms an organization; "
            f"{stages}; {self.requests:,} requests, {self.files:,} files in the lake\n  {self.said}"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--organizations", type=int, nargs="*", default=[1, 20, 200])
    arguments.add_argument(
        "--events-per-day", type=int, default=160, help="of an organization's weekday, stories aside"
    )
    arguments.add_argument("--folder", type=Path, help="where to work; kept. Default: a temporary folder")
    chosen = arguments.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-organizations-"))
    runs = []
    try:
        for organizations in chosen.organizations:
            for run in measure(folder / f"{organizations}", organizations, chosen.events_per_day):
                print(run, flush=True)
                runs.append(asdict(run))
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)
    print(json.dumps(runs))


def measure(home: Path, organizations: int, events_per_day: int) -> Iterator[Run]:
    """Seven days, the same again, and the day after them."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    first = last - timedelta(days=DAYS)
    tenant = Tenant.invented(
        seed=17, last_day=last, days=DAYS + 1, organizations=organizations, events_per_day=events_per_day
    )
    with serve(tenant) as emulator:
        for what, start, end in (
            ("seven days", first, last - timedelta(days=1)),
            ("the same again", first, last - timedelta(days=1)),
            ("one new day", last, last),
        ):
            yield _run(home, emulator, what, start, end, first)


def _run(home: Path, emulator: RunningEmulator, what: str, start: date, end: date, oldest: date) -> Run:
    organizations = emulator.tenant.organizations
    environment = _environment(home, emulator, oldest)
    emulator.requests.clear()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.time()
    command = [str(Path(sys.executable).with_name("insights")), "run", "--from", str(start), "--to", str(end)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        samples = list(_sampled(process))
        said = process.stdout.read() if process.stdout else ""
    ended = time.time()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"The run ended with {process.returncode}: {said}")
    steps = list(_steps(home, began, ended))
    return Run(
        what=what,
        organizations=len(organizations),
        day_services=len(organizations) * len(KNOWN_SERVICES) * ((end - start).days + 1),
        events=sum(emulator.truth.count("all", _midnight(start), _midnight(end, 1), org) for org in organizations),
        seconds=round(ended - began, 1),
        processor_seconds=round(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 1),
        stages=_seconds(steps, ended - began),
        peak_megabytes=_peaks(steps, samples),
        requests=len(emulator.requests),
        files=sum(len(names) for _, _, names in os.walk(home / "lake")),
        said=said.strip().splitlines()[-1],
    )


def _environment(home: Path, emulator: RunningEmulator, oldest: date) -> dict[str, str]:
    # Recorded, as beside `make dev`: Dagster's events tell when each step began and ended.
    dagster = home / "dagster"
    dagster.mkdir(parents=True, exist_ok=True)
    shutil.copy(DAGSTER_YAML, dagster)
    return os.environ | {
        "INSIGHTS_HOME": str(home),
        "DAGSTER_HOME": str(dagster),
        "JUMPCLOUD_API_URL": emulator.url,
        "JUMPCLOUD_API_KEY": DEMO_API_KEY,
        "JUMPCLOUD_ORG_IDS": ",".join(emulator.tenant.organizations),
        "INSIGHTS_START_DATE": oldest.isoformat(),
        "INSIGHTS_SETTLE_MINUTES": "0",
        "INSIGHTS_MAX_REQUESTS_PER_SECOND": REQUESTS_PER_SECOND,
    }


def _midnight(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), datetime.min.time(), UTC)


def _sampled(process: subprocess.Popen[str]) -> Iterator[Sample]:
    """Until it ends; what a run prints fits into the pipe."""
    while process.poll() is None:
        yield Sample(time.time(), _megabytes(process.pid))
        time.sleep(SAMPLE_SECONDS)


def _megabytes(pid: int) -> float:
    """Of a process and all that it started, from Linux's /proc."""
    total = 0.0
    with suppress(FileNotFoundError, ProcessLookupError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        total += pages * resource.getpagesize() / 1e6
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(_megabytes(int(child)) for child in (task / "children").read_text().split())
    return total


@dataclass(frozen=True, slots=True)
class Step:
    """A step that ended well, in seconds since the epoch."""

    stage: str
    began: float
    ended: float


def _steps(home: Path, began: float, ended: float) -> Iterator[Step]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        for run in instance.get_runs():
            started: dict[str, float] = {}
            for entry in instance.all_logs(run.run_id, {DagsterEventType.STEP_START, DagsterEventType.STEP_SUCCESS}):
                event = entry.dagster_event
                if event is None or event.step_key not in STAGES or not began <= entry.timestamp <= ended:
                    continue
                if event.event_type is DagsterEventType.STEP_START:
                    started[event.step_key] = entry.timestamp
                else:
                    yield Step(STAGES[event.step_key], started[event.step_key], entry.timestamp)


def _seconds(steps: Sequence[Step], all_seconds: float) -> dict[str, float]:
    stages: dict[str, float] = {}
    for step in steps:
        stages[step.stage] = stages.get(step.stage, 0.0) + step.ended - step.began
    ordered = {stage: round(stages[stage], 1) for stage in STAGES.values() if stage in stages}
    return ordered | {BETWEEN: round(all_seconds - sum(stages.values()), 1)}


def _peaks(steps: Sequence[Step], samples: Sequence[Sample]) -> dict[str, float]:
    peaks: dict[str, float] = {}
    for sample in samples:
        stage = next((step.stage for step in steps if step.began <= sample.at <= step.ended), BETWEEN)
        peaks[stage] = max(peaks.get(stage, 0.0), round(sample.megabytes))
    return peaks


if __name__ == "__main__":
    main()
