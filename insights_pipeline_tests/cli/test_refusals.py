"""What a user does wrong is told in one sentence with the remedy, exit code 2, and nothing changes on disk."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, RunningEmulator, Tenant, serve
from insights_pipeline_tests.cli.conftest import Ended, Insights

KEY = {"JUMPCLOUD_API_KEY": DEMO_API_KEY}


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return Tenant.invented(seed=1, last_day=date(2026, 1, 2), days=1, events_per_day=20)


@pytest.fixture
def emulator(tenant: Tenant, request: pytest.FixtureRequest) -> Iterator[RunningEmulator]:
    with serve(tenant, behaviour=getattr(request, "param", Behaviour())) as running:
        yield running


def assert_refused(ended: Ended, home: Path, *said: str) -> None:
    assert ended.code == 2
    assert ended.out == ""
    (line,) = ended.err.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(".")
    for words in said:
        assert words in line
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["run"], {}, ["JUMPCLOUD_API_KEY", "insights demo"]),
        (["run"], {"JUMPCLOUD_CLIENT_ID": "only"}, ["JUMPCLOUD_CLIENT_SECRET"]),
        (["run"], KEY | {"JUMPCLOUD_REGION": "moon"}, ["JUMPCLOUD_REGION", "'us', 'eu' or 'in'"]),
        (["run", "--from", "2026-11-03", "--to", "2026-11-01"], KEY, ["2026-11-03 is after --to 2026-11-01"]),
        (["run", "--from", "2026-02-30"], KEY, ["'2026-02-30' is not a day", "YYYY-MM-DD"]),
        (["run", "--to", "yesterday"], KEY, ["'yesterday' is not a day"]),
        (["run", "--to", "2999-01-01"], KEY, ["in the future"]),
        (["run", "--from", "2001-01-01", "--to", "2001-01-02"], KEY, ["past retention", "90 days"]),
        (["run", "--service", "saml"], KEY, ["'saml'", "directory, sso", "INSIGHTS_SERVICES"]),
        (["run", "--surface"], KEY, ["--surface"]),
        (["query", "select 1"], {}, ["no published database", "insights run"]),
        (["open-sql"], {}, ["no published database", "insights run"]),
        (["report"], {}, ["no published database", "insights run"]),
        (["report", "--from", "2026-11-03", "--to", "2026-11-01"], {}, ["2026-11-03 is after --to 2026-11-01"]),
        (["report", "--to", "tomorrow"], {}, ["'tomorrow' is not a day"]),
        (["dashboard"], {}, ["no published database", "insights run"]),
        (["dashboard", "--port", "0"], {}, ["--port"]),
        (["emulator", "--events", "nowhere.jsonl"], {}, ["nowhere.jsonl", "JSON"]),
        (["dance"], {}, ["dance"]),
    ],
)
def test_a_wrong_request_is_refused_with_the_remedy(
    insights: Insights, home: Path, arguments: list[str], environment: dict[str, str], said: list[str]
) -> None:
    assert_refused(insights(*arguments, **environment), home, *said)


def test_a_lake_that_cannot_be_written_is_told_before_anything_is_asked(
    insights: Insights, home: Path, tmp_path: Path, emulator: RunningEmulator
) -> None:
    (tmp_path / "file").write_text("")
    ended = insights("run", JUMPCLOUD_API_URL=emulator.url, INSIGHTS_LAKE=str(tmp_path / "file" / "lake"), **KEY)
    assert_refused(ended, home, "INSIGHTS_LAKE")
    assert emulator.requests == []


def test_a_wrong_key_is_told_and_not_shown(insights: Insights, home: Path, emulator: RunningEmulator) -> None:
    ended = insights("run", JUMPCLOUD_API_URL=emulator.url, JUMPCLOUD_API_KEY="jca_wrong_one")
    assert_refused(ended, home, "401", "JUMPCLOUD_API_KEY")
    assert "jca_wrong_one" not in ended.err


@pytest.mark.parametrize(
    ("emulator", "said"),
    [
        (Behaviour(entitled=False), ["402", "Directory Insights is not enabled"]),
        (Behaviour(role_allowed=False), ["403", "role"]),
    ],
    indirect=["emulator"],
)
def test_a_key_that_may_not_read_is_told_why(
    insights: Insights, home: Path, emulator: RunningEmulator, said: list[str]
) -> None:
    assert_refused(insights("run", JUMPCLOUD_API_URL=emulator.url, **KEY), home, *said)


def test_a_port_in_use_is_named(insights: Insights, home: Path, emulator: RunningEmulator) -> None:
    port = emulator.url.rpartition(":")[2]
    assert_refused(insights("emulator", "--port", port), home, f"Port {port}", "--port")


def test_a_dashboard_without_its_library_or_with_a_port_in_use_is_refused(
    insights: Insights, home: Path, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    (home / "insights.duckdb").touch()
    port = emulator.url.rpartition(":")[2]
    ended = insights("dashboard", "--port", port)
    assert (ended.code, ended.out) == (2, "")
    assert f"Port {port} can't be served" in ended.err
    monkeypatch.setitem(sys.modules, "streamlit", None)
    ended = insights("dashboard")
    assert (ended.code, ended.out) == (2, "")
    assert "make setup" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_events_that_are_no_json_are_named_by_file_and_line(insights: Insights, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"id": "a", "timestamp": "2026-01-01T00:00:00Z"}\nnot json\n')
    assert_refused(insights("emulator", "--events", str(path)), home, "events.jsonl, line 2")


def test_today_is_a_day_that_can_be_asked_for(insights: Insights, emulator: RunningEmulator) -> None:
    # The other side of the rules above: what is right gets past them, as far as the emulator's refusal.
    today = datetime.now(UTC).date().isoformat()
    ended = insights("run", "--from", today, JUMPCLOUD_API_URL=emulator.url, JUMPCLOUD_API_KEY="jca_wrong")
    assert "401" in ended.err
