"""Makes the picture of the asset graph in these pages: a day of an emulated tenant, materialized, in `dagster dev`.

    python -m docs.screenshots

Writes docs/dagster-graph.png. Needs a Chromium (CHROMIUM, or one on the PATH) and takes a minute or two.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect

from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline_tests.browser import open_page
from insights_pipeline_tests.dagster_dev import DagsterDev, dagster_dev

FOLDER = Path(__file__).parent

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
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    tenant = Tenant.invented(seed=2, last_day=yesterday, days=1, events_per_day=300)
    with TemporaryDirectory(prefix="screenshots-") as home, serve(tenant) as emulator:
        settings = {
            "JUMPCLOUD_API_URL": emulator.url,
            "JUMPCLOUD_API_KEY": DEMO_API_KEY,
            "INSIGHTS_START_DATE": yesterday.isoformat(),
            "INSIGHTS_SETTLE_MINUTES": "0",
        }
        with dagster_dev(Path(home), **settings) as dagster, open_page(width=1500, height=760) as page:
            _run(dagster, yesterday.isoformat())
            _graph(page, dagster)


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
