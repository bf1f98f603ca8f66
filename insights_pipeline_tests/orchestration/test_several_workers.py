"""Two workers on one lake, through queue, schedule and backfill: nothing is lost or doubled, and one rate holds for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator, Tenant, serve
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline_tests.object_store import ObjectStore, needs_object_store
from insights_pipeline_tests.orchestration.several_workers import Run, several_workers
from insights_pipeline_tests.postgres import Postgres, needs_postgres

pytest.importorskip("dagster_postgres", reason="the extra `cluster` is not installed")

SERVICES = ("directory", "sso", "radius", "ldap")
HALVES = SERVICES[:2], SERVICES[2:]

RATE = 6.0

# Some 70 seconds of processor time; others may be using the machine.
PATIENCE_SECONDS = 240.0

# On a busy machine a request that had its turn leaves so much later, with one that has it then.
LATE_SECONDS = 1.0


@needs_object_store
@needs_postgres
def test_two_workers_share_a_lake_and_one_rate_through_queue_schedule_and_backfill(
    tmp_path: Path, postgres: Postgres, object_store: ObjectStore
) -> None:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in range(5, 0, -1)]
    lake = Lake(object_store.address("several-workers"))
    with serve(Tenant.invented(seed=4, last_day=today, days=6, events_per_day=150)) as emulator:
        variables = {
            "JUMPCLOUD_API_URL": emulator.url,
            "JUMPCLOUD_API_KEY": DEMO_API_KEY,
            "INSIGHTS_LAKE": lake.place,
            **object_store.variables,
            "INSIGHTS_SERVICES": ",".join(SERVICES),
            "INSIGHTS_START_DATE": days[0].isoformat(),
            "INSIGHTS_SETTLE_MINUTES": "0",
            "INSIGHTS_MAX_REQUESTS_PER_SECOND": str(RATE),
            "INSIGHTS_SHARED_LIMIT_URL": postgres.url,
        }
        with several_workers(tmp_path, postgres, **variables) as workers:
            workers.let_collect_at_once(4)
            halves = {workers.launch(half, days[2], days[4]) for half in HALVES}
            backfill = workers.backfill(SERVICES, days[:2])
            workers.switch_on("today", seconds_ago=900.0)

            def halves_have_started(runs: Sequence[Run]) -> bool:
                return {run.run_id for run in runs if run.status == "STARTED"} >= halves

            def all_have_ended(runs: Sequence[Run]) -> bool:
                tags = {tag for run in runs for tag in run.tags.items()}
                asked = {("dagster/backfill", backfill), ("dagster/schedule_name", "today")}
                return asked <= tags and all(run.has_ended for run in runs)

            # Held as by another collector, so that both halves begin to ask at the same time.
            with ExitStack() as locks:
                for service in SERVICES:
                    assert locks.enter_context(lake.held("self", service))
                workers.start_daemon()
                workers.wait(halves_have_started, PATIENCE_SECONDS)
                assert emulator.requests == []
            runs = workers.wait(all_have_ended, PATIENCE_SECONDS)
            assert {run.status for run in runs} == {"SUCCESS"}
            assert halves <= {run.run_id for run in runs}
        check_rate(emulator)
        check_both_collected_at_once(emulator, days[2:])
        check_lake(lake, emulator, days)
    assert (tmp_path / "home" / "insights.duckdb").exists()


def check_rate(emulator: RunningEmulator) -> None:
    """In no stretch of time did more requests come than the rate allows, those that were late with the next ones included."""
    times = sorted(request.steady_seconds for request in emulator.requests)
    assert {request.status for request in emulator.requests} == {200}
    for first, start in enumerate(times):
        for number in range(first, len(times)):
            assert number - first <= RATE * (times[number] - start + LATE_SECONDS) + 1


def check_both_collected_at_once(emulator: RunningEmulator, days: Sequence[date]) -> None:
    """Else it would say nothing that the rate was kept. Only the halves ask for these days, each for its own services."""
    asked = [
        (request.body["service"][0], request.steady_seconds)
        for request in emulator.requests
        if request.body is not None and date.fromisoformat(request.body["start_time"][:10]) in days
    ]
    spans = [[moment for service, moment in asked if service in half] for half in HALVES]
    assert max(min(span) for span in spans) < min(max(span) for span in spans)


def check_lake(lake: Lake, emulator: RunningEmulator, days: Sequence[date]) -> None:
    """Each event once, and the manifests complete."""
    for service in SERVICES:
        for day in days:
            key = DayKey("self", service, day)
            manifest = lake.manifest(key)
            assert manifest is not None
            assert manifest.state == "complete"
            start = datetime.combine(day, time(), UTC)
            true = Counter(emulator.truth.ids(service, start, start + timedelta(days=1)))
            held = Counter(pq.read_table(lake.location(key.events_file), columns=["id"]).column("id").to_pylist())
            assert held == true, key
