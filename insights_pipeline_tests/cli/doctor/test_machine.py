"""What is wrong on this machine is found, and said with its remedy."""

from pathlib import Path

import duckdb
import pytest

from insights_pipeline.cli.doctor.machine import (
    check_dagster,
    check_dbt,
    check_lake,
    check_machine,
    check_published,
    check_space,
)
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline.warehouse import PROJECT_FOLDER, build_file, published_file


def test_a_new_machine_is_well_but_for_the_database_that_nobody_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    checks = check_machine(IsolatedSettings(INSIGHTS_HOME=home, INSIGHTS_LAKE=tmp_path / "lake"))
    doubtful = [check for check in checks if check.verdict != "ok" and not check.what.startswith("disk of")]
    assert [(check.verdict, check.what) for check in doubtful] == [
        ("warn", f"published database {home}/insights.duckdb")
    ]
    assert len([check for check in checks if check.what.startswith("disk of")]) == 2
    assert not home.exists()


def test_a_lake_that_cannot_be_written_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check = check_lake(tmp_path / "file" / "lake")
    assert check.verdict == "fail"
    assert "INSIGHTS_LAKE" in check.remedy


def test_space_is_needed_for_a_copy_of_the_build(tmp_path: Path) -> None:
    build_file(tmp_path).write_bytes(b"")
    with build_file(tmp_path).open("wb") as file:
        file.truncate(1 << 42)  # sparse: four TiB that take no space
    check = check_space(tmp_path / "lake", tmp_path)
    assert check.verdict == "warn"
    assert "4,097.0 GiB" in check.remedy


def test_a_published_database_is_opened(tmp_path: Path) -> None:
    with duckdb.connect(str(published_file(tmp_path))) as connection:
        connection.execute("create table coverage as select date '2026-11-01' + n::int as date from range(3) t(n)")
    check = check_published(tmp_path)
    assert check.verdict == "ok"
    assert "3 days of services up to 2026-11-03" in check.what


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1_000])
def test_a_published_database_that_cannot_be_read_fails(tmp_path: Path, content: bytes) -> None:
    published_file(tmp_path).write_bytes(content)
    check = check_published(tmp_path)
    assert check.verdict == "fail"
    assert "insights run" in check.remedy


def test_dbt_is_found_where_it_belongs_and_missed_elsewhere(tmp_path: Path) -> None:
    assert check_dbt(PROJECT_FOLDER).verdict == "ok"
    missing = check_dbt(tmp_path)
    assert missing.verdict == "fail"
    assert str(tmp_path) in missing.what


def test_a_dagster_home_that_is_named_has_to_be_one(tmp_path: Path) -> None:
    named = IsolatedSettings(INSIGHTS_HOME=tmp_path, DAGSTER_HOME=tmp_path / "instance")
    assert check_dagster(named).verdict == "warn"
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "dagster.yaml").write_text("")
    assert check_dagster(named).verdict == "ok"
    assert "never opened" in check_dagster(IsolatedSettings(INSIGHTS_HOME=tmp_path)).what
