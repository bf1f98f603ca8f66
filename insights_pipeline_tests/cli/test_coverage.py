"""`insights coverage`: what it says of a lake that was filled in two runs, with an event that came in between."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from insights_pipeline.collector import Collector, connect
from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline_tests.cli.conftest import Insights

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
TWO_DAYS_AGO = NOW.date() - timedelta(days=2)
NOON = datetime.combine(TWO_DAYS_AGO, datetime.min.time(), UTC) + timedelta(hours=12)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def event(number: int, moment: datetime) -> dict[str, Any]:
    return {"id": str(number), "timestamp": moment.isoformat()}


@pytest.fixture
def filled(home: Path) -> Path:
    """One day of sso, fetched when it was over and again an hour later, a second event having come."""
    tenant = Tenant.empty().with_events("sso", [event(1, NOON)])
    key = DayKey("self", "sso", TWO_DAYS_AGO)
    with serve(tenant) as emulator:
        settings = IsolatedSettings(JUMPCLOUD_API_URL=emulator.url, JUMPCLOUD_API_KEY=DEMO_API_KEY, INSIGHTS_HOME=home)
        lake = Lake(settings.lake_root)

        async def collect(now: datetime) -> None:
            async with connect(settings) as client:
                await Collector(lake, client, lambda: now, timedelta(0), 8).collect([key])

        asyncio.run(collect(key.end + timedelta(hours=1)))
        emulator.arrive("sso", [event(2, NOON)])
        asyncio.run(collect(key.end + timedelta(hours=2)))
    return home


def test_days_are_told_as_json_those_asked_for_and_no_others(insights: Insights, filled: Path) -> None:
    day = TWO_DAYS_AGO.isoformat()
    ended = insights("coverage", "--json", "--service", "sso", "--service", "ldap", "--from", day, "--to", day)
    ldap, sso = (json.loads(line) for line in ended.out.splitlines())
    assert (ldap["service"], ldap["state"]) == ("ldap", "missing")
    assert (sso["date"], sso["state"], sso["held_events"], sso["late_events"]) == (day, "complete", 2, 1)


def test_lateness_is_told_per_service_beside_the_settings(insights: Insights, filled: Path) -> None:
    (row,) = (json.loads(line) for line in insights("coverage", "--lateness", "--json").out.splitlines())
    assert (row["service"], row["held_events"], row["later_events"], row["p99_seconds"]) == ("sso", 2, 1, 14 * 3600)
    text = insights("coverage", "--lateness").out
    assert "14:00:00" in text
    assert "within 840 minutes (sso, the slowest service); INSIGHTS_SETTLE_MINUTES is 60" in text
    assert "can't tell" in insights("coverage", "--lateness", "--service", "ldap").out


def test_what_will_be_lost_is_told_soonest_first_with_the_remedy(insights: Insights, filled: Path) -> None:
    # Of the last 16 days, today's and yesterday's stay for longer than two weeks.
    services = "sso,ldap"
    ended = insights("coverage", INSIGHTS_RETENTION_DAYS="16", INSIGHTS_SERVICES=services)
    days = [NOW.date() - timedelta(days=age) for age in range(15, 1, -1)]
    _, _, below = ended.out.partition("deleted by JumpCloud within two weeks:\n")
    rows = [line.split(maxsplit=3) for line in below.splitlines()[1:-1]]
    assert [row[2] for row in rows] == [day.isoformat() for day in days]
    assert rows[0][0] == (NOW.date() + timedelta(days=1)).isoformat()
    assert rows[0][3].strip() == "missing: ldap, sso"
    assert rows[-1][3].strip() == "missing: ldap"  # sso is proven on that day
    assert below.splitlines()[-1] == f"`insights run --from {days[0]} --to {days[-1]}` asks for them."


def test_many_services_are_not_all_named(insights: Insights, home: Path) -> None:
    ended = insights("coverage", "--from", "2026-08-23", "--to", "2026-08-23")
    assert "missing: access_management, alerts and 14 others" in " ".join(ended.out.split())


def test_nothing_is_told_of_losses_where_none_is_near(insights: Insights, filled: Path) -> None:
    day = TWO_DAYS_AGO.isoformat()
    assert "deleted" not in insights("coverage", "--from", day, "--to", day).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--service", "saml"], "no service 'saml'"),
        (["--from", "2026-02-02", "--to", "2026-02-01"], "swap them"),
        (["--from", "soon"], "'soon' is not a day"),
    ],
)
def test_a_wrong_question_is_refused(insights: Insights, home: Path, arguments: list[str], said: str) -> None:
    ended = insights("coverage", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert not home.exists()
