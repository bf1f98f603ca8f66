"""A `dagster dev` of its own, as `make dev` starts it: for the test in a browser, the benchmark and the screenshot."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from insights_pipeline_tests.ports import free_port
from insights_pipeline_tests.processes import ROOT, running

DAGSTER_YAML = ROOT / "insights_pipeline" / "orchestration" / "dagster.yaml"

# Measured: some 15 s of processor time on two cores, which others may be using.
START_SECONDS = 180.0

_LOADED = """
{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError {
    __typename ... on PythonError { message } } } } }
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }
"""


@dataclass(frozen=True)
class DagsterDev:
    """Dagster's page and daemon, running."""

    url: str
    log: Path
    session: int
    """Its servers, its daemon and the runs that they start are all in this session."""

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of a GraphQL answer; raises RuntimeError for one that has errors."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60)
        content = answer.json()
        if content.get("errors"):
            raise RuntimeError(content["errors"][0]["message"])
        data: dict[str, Any] = content["data"]
        return data

    def processor_seconds(self) -> float:
        """User and system time of all its processes until now, those that ended included; from Linux's /proc."""
        ticks = 0
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                # After the name in brackets, which may hold anything: state, parent, group, session, …
                fields = status.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.session:
                    ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def dagster_dev(home: Path, **variables: str) -> Iterator[DagsterDev]:
    """Serves the project with its settings from `variables` alone until the block is left; nothing of it is left running.

    `home` becomes INSIGHTS_HOME and has Dagster's own state below it.
    """
    dagster_home = home / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copy(DAGSTER_YAML, dagster_home)
    port = free_port()
    environment = {"INSIGHTS_HOME": str(home), "DAGSTER_HOME": str(dagster_home), **variables}
    log = home / "dagster-dev.log"
    with running("dagster", ["dev", "--host", "127.0.0.1", "--port", str(port)], environment, log) as process:
        served = DagsterDev(f"http://127.0.0.1:{port}", log, process.pid)
        wait_until_loaded(served, process)
        yield served


def wait_until_loaded(served: DagsterDev, process: subprocess.Popen[bytes], *, with_daemon: bool = True) -> None:
    """Until the page knows the project's code and, with the daemon, what is asked for is started."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"dagster dev did not start:\n{served.log.read_text()[-2000:]}")
        try:
            found = served.ask(_LOADED)
        except (httpx.TransportError, ValueError, RuntimeError):
            time.sleep(0.5)
            continue
        locations = [entry["locationOrLoadError"] for entry in found["workspaceOrError"]["locationEntries"]]
        for location in locations:
            if location is not None and location["__typename"] == "PythonError":
                raise RuntimeError(f"dagster dev can't load the project:\n{location['message']}")
        daemons = found["instance"]["daemonHealth"]["allDaemonStatuses"]
        needed = [daemon for daemon in daemons if daemon["required"]]
        daemon_is_well = needed and all(daemon["healthy"] for daemon in needed)
        if locations and all(locations) and (daemon_is_well or not with_daemon):
            return
        time.sleep(0.5)
