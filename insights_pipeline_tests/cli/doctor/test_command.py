"""`insights doctor` as it is typed: what it prints, how it ends, and that it leaves no trace and no secret."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights_pipeline.cli.probe.questions import QUESTIONS
from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, RunningEmulator, Tenant, serve
from insights_pipeline_tests.cli.conftest import Insights


@pytest.fixture(scope="module")
def served() -> Iterator[RunningEmulator]:
    with serve(Tenant.invented(seed=5, last_day=datetime.now(UTC).date(), days=3, events_per_day=100)) as running:
        yield running


@pytest.fixture
def emulator(served: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> RunningEmulator:
    served.emulator.behaviour = Behaviour()
    monkeypatch.setenv("JUMPCLOUD_API_URL", served.url)
    monkeypatch.setenv("JUMPCLOUD_API_KEY", DEMO_API_KEY)
    monkeypatch.setenv("INSIGHTS_MAX_REQUESTS_PER_SECOND", "1000")
    return served


def test_all_is_well(insights: Insights, emulator: RunningEmulator, home: Path) -> None:
    ended = insights("doctor")
    assert (ended.code, ended.err) == (0, "")
    assert "ok    organization self: 16 of 16 services are accepted" in ended.out
    assert "warn  published database" in ended.out
    assert "fail" not in ended.out
    assert DEMO_API_KEY not in ended.out
    assert not home.exists()


def test_what_fails_is_said_with_its_remedy_and_nothing_is_probed(
    insights: Insights, emulator: RunningEmulator, home: Path
) -> None:
    emulator.behaviour.entitled = False
    ended = insights("doctor", "--probe")
    assert ended.code == 1
    assert "fail  organization self: Directory Insights may be read - HTTP 402: " in ended.out
    assert "The tenant was not probed" in ended.out
    assert not home.exists()


def test_without_credentials_nothing_is_asked(insights: Insights, emulator: RunningEmulator) -> None:
    before = len(emulator.requests)
    ended = insights("doctor", JUMPCLOUD_API_KEY="")
    assert ended.code == 1
    assert "fail  credentials - There are no credentials" in ended.out
    assert len(emulator.requests) == before


def test_a_setting_that_is_wrong_is_refused(insights: Insights) -> None:
    ended = insights("doctor", JUMPCLOUD_REGION="moon")
    assert (ended.code, ended.out) == (2, "")
    assert "JUMPCLOUD_REGION" in ended.err


def test_probing_prints_every_question_with_its_answer(insights: Insights, emulator: RunningEmulator) -> None:
    emulator.behaviour.end_inclusive = True
    ended = insights("doctor", "--probe")
    assert ended.code == 0
    assert "Does a window hold the events on its end?\n  Yes" in ended.out
    assert "What does a limit above 10,000 do?\n  10,001 becomes 1,000" in ended.out
    assert ended.out.count("?\n  ") == len(QUESTIONS)
    assert "@" not in ended.out.replace("@version", "")  # nobody's address


def test_all_of_it_is_to_be_had_as_json(insights: Insights, emulator: RunningEmulator) -> None:
    ended = insights("doctor", "--probe", "--json")
    kept = json.loads(ended.out)
    assert kept["settings"]["JUMPCLOUD_API_KEY"] == {"value": "********", "source": "environment"}
    assert {"verdict": "ok", "what": "the API answers", "remedy": ""} in kept["checks"]
    assert kept["probe"].keys() == QUESTIONS.keys()
    assert kept["probe"]["limit"]["evidence"]["used"] == 1_000
    assert kept["probe"]["sum"]["evidence"]["all_events"] == sum(
        kept["probe"]["sum"]["evidence"]["by_service"].values()
    )
