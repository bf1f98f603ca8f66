"""`insights run` against a service that answers unevenly: what it prints, and how it exits."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, Fault, RunningEmulator, Tenant, serve
from insights_pipeline_tests.cli.conftest import Ended, Insights

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture(scope="module")
def emulator() -> Iterator[RunningEmulator]:
    stranger = {"id": "ffffffffffffffffffffffff", "timestamp": f"{YESTERDAY}T12:00:00Z", "service": "pam"}
    tenant = Tenant.invented(seed=5, last_day=YESTERDAY, days=1, events_per_day=60).with_events("pam", [stranger])
    with serve(tenant) as running:
        yield running


def run(insights: Insights, emulator: RunningEmulator, *more: str) -> Ended:
    return insights(
        "run",
        *more,
        "--from",
        str(YESTERDAY),
        "--to",
        str(YESTERDAY),
        JUMPCLOUD_API_URL=emulator.url,
        JUMPCLOUD_API_KEY=DEMO_API_KEY,
        INSIGHTS_SETTLE_MINUTES="0",
        INSIGHTS_MAX_REQUESTS_PER_SECOND="1000",
    )


def test_it_names_what_is_short_what_is_skipped_and_what_nobody_asked_for(
    insights: Insights, emulator: RunningEmulator, home: Path
) -> None:
    forbidden = Fault("status", status=403, services=frozenset({"ldap"}))
    emulator.emulator.behaviour = Behaviour(refused_services=frozenset({"workflows"}), faults=(forbidden,))
    ended = run(insights, emulator)
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert any(line.startswith("Short: ldap, 1 day: HTTP 403") for line in lines)
    assert any(line.startswith("Skipped: workflows, 1 day:") for line in lines)
    assert lines[-1].startswith("15 services × 1 day: 14 of 15 complete, 1 missing, ")
    assert "Traceback" not in ended.err
    assert (home / "insights.duckdb").exists()

    emulator.emulator.behaviour = Behaviour(refused_services=frozenset({"workflows"}))
    ended = run(insights, emulator)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert not any(line.startswith("Short") for line in lines)
    (drift,) = [line for line in lines if line.startswith("Drift")]
    assert "pam (1)" in drift
    assert "INSIGHTS_SERVICES" in drift
    assert lines[-1].startswith("15 services × 1 day: 15 of 15 complete, ")
    assert re.search(r"^Collecting: 16 of 16 days, [\d,]+ new events", ended.err, re.MULTILINE)

    ended = run(insights, emulator, "--json", "--verbose")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert (told["sound"], told["published"], told["new_events"], told["faults"]) == (True, False, 0, [])
    assert [(failure["service"], failure["refused"]) for failure in told["failures"]] == [("workflows", True)]
    assert [day["services"] for day in told["unasked"]] == [{"pam": 1}]
    assert {day["state"] for day in told["coverage"]} == {"complete"}
    assert len(told["coverage"]) == 15
    assert f"self ldap {YESTERDAY}: complete, 0 new events" in ended.err
