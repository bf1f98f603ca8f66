"""Dagster as `deploy/` has it, save the containers: Postgres, a code location of its own, daemon and page as processes."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from insights_pipeline_tests.dagster_dev import START_SECONDS, DagsterDev, wait_until_loaded
from insights_pipeline_tests.ports import free_port
from insights_pipeline_tests.postgres import Postgres
from insights_pipeline_tests.processes import ROOT, running

LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "insights_pipeline"}

_LAUNCH = """
mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""

_BACKFILL = """
mutation ($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }
"""

_START_SCHEDULE = """
mutation ($selector: ScheduleSelector!) { startSchedule(scheduleSelector: $selector) {
    __typename ... on PythonError { message } } }
"""

_RUNS = "{ runsOrError { ... on Runs { results { runId jobName status tags { key value } } } } }"


@dataclass(frozen=True)
class Run:
    """What Dagster's page says of a run."""

    run_id: str
    job: str
    status: str
    tags: dict[str, str]

    @property
    def has_ended(self) -> bool:
        return self.status in ("SUCCESS", "FAILURE", "CANCELED")


@dataclass(frozen=True)
class SeveralWorkers:
    """The instance, running; each run is a process of its own, which the daemon takes from the queue."""

    page: DagsterDev
    dagster_home: Path
    start_daemon: Callable[[], None]
    """To be called when everything was asked for: it looks at schedules and backfills only every 30 seconds."""

    def let_collect_at_once(self, runs: int) -> None:
        """As `dagster instance concurrency set jumpcloud_api N` does."""
        mutation = 'mutation ($limit: Int!) { setConcurrencyLimit(concurrencyKey: "jumpcloud_api", limit: $limit) }'
        self.page.ask(mutation, limit=runs)

    def launch(self, services: Sequence[str], first: date, last: date) -> str:
        """Puts a run into the queue that collects and normalizes; gives its id."""
        params = {
            "selector": LOCATION
            | {
                "jobName": "collect_and_normalize",
                "assetSelection": [key.to_graphql_input() for key in _keys(services)],
            },
            "runConfigData": {},
            "executionMetadata": {
                "tags": [
                    {"key": "dagster/asset_partition_range_start", "value": first.isoformat()},
                    {"key": "dagster/asset_partition_range_end", "value": last.isoformat()},
                ]
            },
        }
        return str(self._done("launchRun", _LAUNCH, params=params)["run"]["runId"])

    def backfill(self, services: Sequence[str], days: Sequence[date]) -> str:
        """Asks for a backfill from the asset graph; gives its id."""
        params = {
            "assetSelection": [key.to_graphql_input() for key in _keys(services)],
            "partitionNames": [day.isoformat() for day in days],
        }
        return str(self._done("launchPartitionBackfill", _BACKFILL, params=params)["backfillId"])

    def switch_on(self, schedule: str, seconds_ago: float) -> None:
        """As if it had been switched on so long ago: the daemon makes up for the ticks since then."""
        self._done("startSchedule", _START_SCHEDULE, selector=LOCATION | {"scheduleName": schedule})
        with dg.DagsterInstance.from_config(str(self.dagster_home)) as instance:
            (state,) = [state for state in instance.all_instigator_state() if state.instigator_name == schedule]
            data: Any = state.instigator_data
            earlier = data._replace(start_timestamp=data.start_timestamp - seconds_ago)
            instance.update_instigator_state(state.with_data(earlier))

    def runs(self) -> list[Run]:
        """All there are."""
        found = self.page.ask(_RUNS)["runsOrError"]["results"]
        return [
            Run(run["runId"], run["jobName"], run["status"], {tag["key"]: tag["value"] for tag in run["tags"]})
            for run in found
        ]

    def wait(self, until: Callable[[Sequence[Run]], bool], seconds: float) -> list[Run]:
        """Until the runs are as they should be; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not until(runs := self.runs()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"runs after {seconds:.0f} s: {runs}")
            time.sleep(0.3)
        return runs

    def _done(self, name: str, mutation: str, **variables: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.page.ask(mutation, **variables)[name]
        if "message" in answer:
            raise RuntimeError(answer["message"])
        return answer


def _keys(services: Sequence[str]) -> list[dg.AssetKey]:
    return [dg.AssetKey([area, service]) for area in ("raw", "events") for service in services]


@contextmanager
def several_workers(folder: Path, postgres: Postgres, **variables: str) -> Iterator[SeveralWorkers]:
    """Until the block is left; `variables` are the environment of the code location, and so of each run."""
    dagster_home = folder / "dagster"
    dagster_home.mkdir(parents=True)
    port, page_port = free_port(), free_port()
    (dagster_home / "dagster.yaml").write_text(yaml.safe_dump(_instance(postgres)))
    workspace = folder / "workspace.yaml"
    server = {"host": "127.0.0.1", "port": port, "location_name": "insights_pipeline"}
    workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
    own = {"DAGSTER_HOME": str(dagster_home)}
    with ExitStack() as processes:

        def start(name: str, program: str, arguments: Sequence[str], environment: dict[str, str]) -> Any:
            return processes.enter_context(running(program, arguments, environment, folder / f"{name}.log"))

        code = start(
            "code",
            "dagster",
            [
                "api",
                "grpc",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--module-name",
                "insights_pipeline.definitions",
            ],
            own | {"INSIGHTS_HOME": str(folder / "home"), **variables},
        )
        _wait_for_port(port, code, folder / "code.log")
        arguments = ["--workspace", str(workspace), "--host", "127.0.0.1", "--port", str(page_port)]
        webserver = start("page", "dagster-webserver", arguments, own)
        page = DagsterDev(f"http://127.0.0.1:{page_port}", folder / "page.log", webserver.pid)
        wait_until_loaded(page, webserver, with_daemon=False)
        yield SeveralWorkers(
            page,
            dagster_home,
            lambda: start("daemon", "dagster-daemon", ["run", "--workspace", str(workspace)], own),
        )


def _instance(postgres: Postgres) -> dict[str, Any]:
    """The file of `deploy/`, but that runs are processes of the code location, and no volume is mounted: there is no Docker here."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "dagster-docker.yaml").read_text())
    del content["run_launcher"], content["compute_logs"]
    # SQLAlchemy 2.1 would take psycopg 3, whose NOTIFY takes no parameters, as dagster-postgres gives it some.
    content["storage"]["postgres"] = {"postgres_url": postgres.url.replace("postgresql:", "postgresql+psycopg2:")}
    return content


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """The server listens once it has loaded the project."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the code location did not start:\n{log.read_text()[-2000:]}")
