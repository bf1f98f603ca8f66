"""`insights events` against the emulator: what it prints is what the service holds, and it ends as its exit code says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, Fault, RunningEmulator, Tenant, serve
from insights_pipeline_tests.cli.conftest import Insights

FIRST, SECOND = "5f0000000000000000000001", "5f0000000000000000000002"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
DAY = ("--from", "2026-01-01", "--to", "2026-01-01")


def event(number: int, timestamp: str, **fields: object) -> dict[str, object]:
    return {
        "id": f"event-{number}",
        "timestamp": timestamp,
        "success": number % 2 == 0,
        "username": f"U{number}",
        **fields,
    }


EVENTS = [
    event(number, f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z", level=number % 3) for number in range(600)
]
ON_THE_END = event(999, "2026-01-02T00:00:00Z")


@pytest.fixture(scope="module")
def served() -> Iterator[RunningEmulator]:
    tenant = Tenant.empty((FIRST, SECOND))
    tenant = tenant.with_events("sso", [*EVENTS, ON_THE_END], FIRST)
    tenant = tenant.with_events("radius", [event(2000, "2026-01-01T12:00:00Z")], FIRST)
    with serve(tenant.with_events("sso", [event(1000, "2026-01-01T12:00:00Z")], SECOND)) as running:
        yield running


@pytest.fixture
def emulator(served: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> RunningEmulator:
    served.emulator.behaviour = Behaviour(maximum_limit=250)
    served.requests.clear()
    for name, value in environment(served, FIRST).items():
        monkeypatch.setenv(name, value)
    return served


def environment(emulator: RunningEmulator, *orgs: str) -> dict[str, str]:
    return {
        "JUMPCLOUD_API_URL": emulator.url,
        "JUMPCLOUD_API_KEY": DEMO_API_KEY,
        "JUMPCLOUD_ORG_IDS": ",".join(orgs),
        "INSIGHTS_MAX_REQUESTS_PER_SECOND": "1000",
        # The events are of a fixed day, whenever the tests run.
        "INSIGHTS_RETENTION_DAYS": "3650",
    }


@pytest.mark.parametrize("end_inclusive", [False, True])
def test_every_event_of_the_day_is_a_line_of_its_own_text(
    insights: Insights, emulator: RunningEmulator, end_inclusive: bool
) -> None:
    emulator.behaviour.end_inclusive = end_inclusive
    ended = insights("events", "--service", "sso", *DAY)
    assert ended.code == 0
    assert ended.out.encode().splitlines() == emulator.truth.events("sso", START, END, FIRST)
    assert ("1 outside the time asked for left out" in ended.err) is end_inclusive
    assert ended.err.startswith("600 events")
    assert len(emulator.requests) == 3  # pages of 250


def test_rows_that_the_paging_repeats_are_printed_once(insights: Insights, emulator: RunningEmulator) -> None:
    emulator.behaviour.faults = (Fault("repeated_rows", amount=3),)
    ended = insights("events", "--service", "sso", *DAY)
    assert ended.out.encode().splitlines() == emulator.truth.events("sso", START, END, FIRST)
    assert "repeated left out" in ended.err


def test_waits_are_told_where_they_are_asked_for(insights: Insights, emulator: RunningEmulator) -> None:
    # Each run is struck once: the fault counts on.
    emulator.behaviour.faults = (Fault("status", status=503, every=3),)
    quiet = insights("events", "--service", "sso", *DAY)
    told = insights("events", "-v", "--service", "sso", *DAY)
    assert quiet.out == told.out
    assert "503" not in quiet.err
    assert "JumpCloud answered HTTP 503" in told.err
    assert "; again in " in told.err


def test_conditions_and_several_services_reach_the_api(insights: Insights, emulator: RunningEmulator) -> None:
    where = ("--where", "success=false", "--where", "username=u7", "--where", "username=U9", "--where", "level=0")
    ended = insights("events", "--service", "sso,radius", *DAY, *where)
    assert [json.loads(line)["id"] for line in ended.out.splitlines()] == ["event-9"]
    body = emulator.requests[0].body
    assert body is not None
    assert body["service"] == ["sso", "radius"]


def test_count_is_a_number(insights: Insights, emulator: RunningEmulator) -> None:
    assert insights("events", "--service", "sso", *DAY, "--count").out == "600\n"
    assert [request.call for request in emulator.requests] == ["count"]


def test_distinct_is_a_line_a_value_the_most_frequent_first(insights: Insights, emulator: RunningEmulator) -> None:
    ended = insights(
        "events", "--service", "sso", "--from", "2026-01-01", "--to", "2026-01-01T00:05", "--distinct", "level"
    )
    assert [json.loads(line) for line in ended.out.splitlines()] == [
        {"value": "0", "count": 2},
        {"value": "1", "count": 2},
        {"value": "2", "count": 1},
    ]


def test_distinct_says_when_its_list_was_cut(insights: Insights, emulator: RunningEmulator) -> None:
    emulator.behaviour.distinct_size = 10
    ended = insights("events", "--service", "sso", *DAY, "--distinct", "username")
    assert len(ended.out.splitlines()) == 10
    assert "590 events have other values" in ended.err


def test_all_configured_organizations_are_asked_unless_one_is_named(
    insights: Insights, emulator: RunningEmulator
) -> None:
    orgs = environment(emulator, FIRST, SECOND)
    ended = insights("events", "--service", "sso", *DAY, **orgs)
    assert ended.out.encode().splitlines() == [
        *emulator.truth.events("sso", START, END, FIRST),
        *emulator.truth.events("sso", START, END, SECOND),
    ]
    assert insights("events", "--service", "sso", *DAY, "--count", **orgs).out == "601\n"
    assert insights("events", "--service", "sso", *DAY, "--count", "--org", SECOND, **orgs).out == "1\n"


def test_an_organization_that_refuses_is_named_and_the_other_is_printed(
    insights: Insights, emulator: RunningEmulator
) -> None:
    emulator.behaviour.forbidden_organizations = frozenset({FIRST})
    ended = insights("events", "--service", "sso", *DAY, **environment(emulator, FIRST, SECOND))
    assert ended.code == 1
    assert [json.loads(line)["id"] for line in ended.out.splitlines()] == ["event-1000"]
    assert f"Short: organization {FIRST}: HTTP 403" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--service", "sso", "--from", "soon"], "'soon' is neither a day nor an instant"),
        (["--service", "sso", "--from", "2026-01-02", "--to", "2026-01-01"], "not before --to"),
        (["--service", "sso", *DAY, "--where", "useragent.os=x"], "fetch the events and filter them"),
        (["--service", "sso", *DAY, "--count", "--distinct", "level"], "one of them"),
        (["--service", "sso", *DAY, "--org", SECOND], "JUMPCLOUD_ORG_IDS"),
        (["--service", "dreams", *DAY], "expected one or more of"),
        (["--from", "2026-01-01"], "--service"),
    ],
)
def test_a_wrong_question_is_refused_in_one_sentence(
    insights: Insights, emulator: RunningEmulator, home: Path, arguments: list[str], said: str
) -> None:
    ended = insights("events", *arguments)
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert said in line
    assert not home.exists()


@pytest.mark.parametrize(("key", "said"), [("jca_wrong", "401"), ("", "There are no credentials")])
def test_a_credential_that_is_wrong_or_missing_is_told_and_not_shown(
    insights: Insights, emulator: RunningEmulator, key: str, said: str
) -> None:
    ended = insights("events", "--service", "sso", *DAY, JUMPCLOUD_API_KEY=key)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "jca_wrong" not in ended.err


def test_times_before_what_jumpcloud_holds_are_pointed_out(insights: Insights, emulator: RunningEmulator) -> None:
    ended = insights("events", "--service", "sso", "--from", "2001-01-01", "--count")
    assert ended.out == "601\n"
    assert "JumpCloud holds 3650 days" in ended.err


def test_it_ends_quietly_when_nobody_reads_on(emulator: RunningEmulator) -> None:
    command = [str(Path(sys.executable).with_name("insights")), "events", "--service", "sso", *DAY]
    # A pipe holds 64 KiB, the events are more: the command is still writing when the reader leaves.
    process = subprocess.Popen(
        command, env=os.environ | environment(emulator, FIRST), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["id"] == "event-0"
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0
