"""Makes the pictures in these pages: a report and the dashboard of the demo, and the asset graph of `dagster dev`.

    python -m docs.screenshots

Writes docs/*.png. Needs a Chromium (CHROMIUM, or one on the PATH) and takes a few minutes.
"""

from __future__ import annotations

import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline_tests.browser import open_page
from insights_pipeline_tests.dagster_dev import DagsterDev, dagster_dev
from insights_pipeline_tests.demo import environment, insights, program

FOLDER = Path(__file__).parent
DASHBOARD_PORT = 8899

_LAUNCH = """
mutation ($parameters: ExecutionParams!) { launchPipelineExecution(executionParams: $parameters) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""
_STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_SELECTOR = {
    "repositoryLocationName": "insights_pipeline",
    "repositoryName": "__repository__",
    "pipelineName": "insights",
}


def main() -> None:
    """Everything from a clean state, so that it looks the same each time but for the date."""
    with TemporaryDirectory(prefix="screenshots-") as folder:
        home = Path(folder) / "demo"
        insights(Path(folder), "demo").check_returncode()
        _report(home)
        _dashboard(home)
    _dagster()


def _report(home: Path) -> None:
    (page_file,) = (home / "reports").glob("*/authentication.html")
    with open_page(width=1100, height=720) as watched:
        watched.page.goto(page_file.as_uri())
        watched.page.screenshot(path=FOLDER / "report.png")


def _dashboard(home: Path) -> None:
    command = [program(), "dashboard", "--port", str(DASHBOARD_PORT)]
    with subprocess.Popen(command, env=environment(home), stdout=subprocess.DEVNULL) as process:
        try:
            with open_page(width=1280, height=860) as watched:
                page = watched.page
                _wait_for(page, f"http://127.0.0.1:{DASHBOARD_PORT}/")
                expect(page.get_by_role("heading", name="Directory Insights")).to_be_visible(timeout=60_000)
                expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
                expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
                page.screenshot(path=FOLDER / "dashboard.png")
        finally:
            process.send_signal(signal.SIGINT)


def _wait_for(page: Page, url: str) -> None:
    give_up = time.monotonic() + 60
    while True:
        try:
            page.goto(url)
        except PlaywrightError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.5)
        else:
            return


def _dagster() -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    tenant = Tenant.invented(seed=2, last_day=yesterday, days=1, events_per_day=300)
    with TemporaryDirectory(prefix="screenshots-") as home, serve(tenant) as emulator:
        settings = {
            "JUMPCLOUD_API_URL": emulator.url,
            "JUMPCLOUD_API_KEY": DEMO_API_KEY,
            "INSIGHTS_START_DATE": yesterday.isoformat(),
            "INSIGHTS_SETTLE_MINUTES": "0",
        }
        with dagster_dev(Path(home), **settings) as dagster, open_page(width=1500, height=760) as watched:
            _run(dagster, yesterday.isoformat())
            _graph(watched.page, dagster)


def _run(dagster: DagsterDev, partition: str) -> None:
    tags = [{"key": "dagster/partition", "value": partition}]
    parameters = {"selector": _SELECTOR, "executionMetadata": {"tags": tags}, "runConfigData": {}}
    launched = dagster.ask(_LAUNCH, parameters=parameters)["launchPipelineExecution"]
    if launched["__typename"] != "LaunchRunSuccess":
        raise RuntimeError(launched)
    while (status := dagster.ask(_STATUS, id=launched["run"]["runId"])["runOrError"]["status"]) != "SUCCESS":
        if status in ("FAILURE", "CANCELED"):
            raise RuntimeError(f"the run ended with {status}")
        time.sleep(1)


def _graph(page: Page, dagster: DagsterDev) -> None:
    """All groups, drawn from left to right."""
    page.goto(f"{dagster.url}/asset-groups")
    expect(page.get_by_text("published").first).to_be_visible(timeout=60_000)
    # The layout is computed in a worker, and nothing on the page says when it has come to rest.
    page.wait_for_timeout(6_000)
    page.screenshot(path=FOLDER / "dagster-graph.png")


if __name__ == "__main__":
    main()
