"""Dagster's page as a data engineer uses it: from a clean state, a day is materialized and its events are published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from playwright.sync_api import Page, expect

from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline_tests.browser import needs_chromium, open_page
from insights_pipeline_tests.dagster_dev import dagster_dev

SERVICES = ("directory", "sso")

# A run takes some 15 s of processor time, its start included; others may be using the machine.
RUN_MILLISECONDS = 240_000
PAGE_MILLISECONDS = 60_000


@needs_chromium
def test_a_partition_is_materialized_from_the_page_and_its_events_are_published(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    start = datetime.combine(yesterday, datetime.min.time(), UTC)
    with serve(Tenant.invented(seed=2, last_day=yesterday, days=1, events_per_day=100)) as emulator:
        settings = {
            "JUMPCLOUD_API_URL": emulator.url,
            "JUMPCLOUD_API_KEY": DEMO_API_KEY,
            "INSIGHTS_SERVICES": ",".join(SERVICES),
            "INSIGHTS_START_DATE": yesterday.isoformat(),
            "INSIGHTS_SETTLE_MINUTES": "0",
        }
        with dagster_dev(tmp_path, **settings) as dagster, open_page() as watched:
            page = watched.page
            page.set_default_timeout(PAGE_MILLISECONDS)
            page.goto(f"{dagster.url}/asset-groups")
            materialize(page, yesterday.isoformat())
            page.goto(f"{dagster.url}/runs")
            ended = page.get_by_text("Success", exact=True).or_(page.get_by_text("Failure", exact=True))
            expect(ended).to_be_visible(timeout=RUN_MILLISECONDS)
            expect(ended).to_have_text("Success")
            page.goto(f"{dagster.url}/assets/raw/sso?view=checks")
            expect(page.get_by_text("every day is proven")).to_be_visible()
            assert watched.outside == []
        true = sum(emulator.truth.count(service, start, start + timedelta(days=1)) for service in SERVICES)
    assert true > 0
    with duckdb.connect(str(tmp_path / "insights.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from events").fetchall() == [(true,)]
        assert connection.execute("select distinct state from coverage where held_events > 0").fetchall() == [
            ("complete",)
        ]


def materialize(page: Page, partition: str) -> None:
    """What somebody does for one day of everything in the graph."""
    page.get_by_role("button", name="Materialize all").click()
    dialog = page.get_by_role("dialog")
    chosen = dialog.get_by_placeholder("No matching partitions")
    chosen.fill(partition)
    chosen.press("Enter")
    # The button changes its text at once; leaving the page before the answer came would take the request back.
    with page.expect_response(lambda answer: "mutation Launch" in (answer.request.post_data or "")):
        dialog.get_by_role("button", name="Launch 1 run").click()
    expect(dialog).to_be_hidden()
