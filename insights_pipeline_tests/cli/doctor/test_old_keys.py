"""A copy of the pipeline that still has the key of before is found in the report of old keys."""

from pathlib import Path

import duckdb
import pytest

from insights_pipeline.cli.doctor.check import Check
from insights_pipeline.cli.doctor.old_keys import check_old_keys
from insights_pipeline.warehouse import published_file
from insights_pipeline_tests.demo import Demo


def checked(home: Path, *rows: str) -> list[Check]:
    with duckdb.connect(str(published_file(home))) as connection:
        connection.execute(
            "create table old_api_key_sources (client_ip varchar, user_agent varchar, admin_email varchar, "
            "last_seen timestamptz, attempts bigint, status varchar, api_path varchar)"
        )
        for row in rows:
            connection.execute(f"insert into old_api_key_sources values ({row})")
    return check_old_keys(home)


@pytest.mark.parametrize(
    ("user_agent", "path"), [("insights-pipeline 0.1.0", "/api/x"), (None, "/insights/directory/v1/events/count")]
)
def test_a_caller_that_could_be_a_pipeline_is_warned_of(tmp_path: Path, user_agent: str | None, path: str) -> None:
    agent = "null" if user_agent is None else f"'{user_agent}'"
    (check,) = checked(
        tmp_path, f"'192.0.2.7', {agent}, 'ada@example.com', '2026-03-01 10:00+00', 12, 'active', '{path}'"
    )
    assert check.verdict == "warn"
    assert "192.0.2.7" in check.what
    assert "2026-03-01 10:00 UTC" in check.what
    assert "give it the new key" in check.remedy


def test_other_callers_and_those_that_stopped_are_no_matter_of_this_machine(tmp_path: Path) -> None:
    checks = checked(
        tmp_path,
        "'192.0.2.7', 'curl', 'ada@example.com', '2026-03-01 10:00+00', 12, 'active', '/api/systems'",
        "'192.0.2.8', 'Go', 'ada@example.com', '2026-01-01 10:00+00', 12, 'closed', '/insights/directory/v1/events'",
    )
    assert checks == [Check("ok", "no program collects events with an old API key")]


def test_nothing_is_said_without_a_database_that_can_be_asked(tmp_path: Path) -> None:
    assert check_old_keys(tmp_path) == []
    published_file(tmp_path).write_bytes(b"no database")
    assert check_old_keys(tmp_path) == []


def test_the_forwarder_of_the_demo_is_found(demo: Demo) -> None:
    (check,) = check_old_keys(demo.home)
    assert "203.0.113.20" in check.what
