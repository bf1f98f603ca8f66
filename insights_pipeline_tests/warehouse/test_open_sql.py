"""What `insights open-sql` prints, run by plain DuckDB in a process of its own that is started in another folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from insights_pipeline.lake import Lake
from insights_pipeline.warehouse import PUBLISHED_TABLES, WarehouseError, open_sql, published_file
from insights_pipeline_tests.warehouse.conftest import Stages

PLAIN_DUCKDB = """
import json, sys, duckdb
connection = duckdb.connect()
connection.execute(sys.stdin.read())
print(json.dumps([connection.execute(question).fetchall() for question in sys.argv[1:]], default=str))
"""


@pytest.fixture(scope="module")
def sql(stages: Stages) -> str:
    shutil.copy(stages.tenant.published.path, published_file(stages.home))
    return open_sql(stages.home, Lake(stages.home / "lake"))


def plainly(sql: str, folder: Path, *questions: str) -> Any:
    command = [sys.executable, "-c", PLAIN_DUCKDB, *questions]
    run = subprocess.run(command, input=sql, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_every_table_can_be_asked_by_its_bare_name_from_another_folder(
    stages: Stages, sql: str, tmp_path: Path
) -> None:
    questions = [f"select count(*) from {table}" for table in PUBLISHED_TABLES]
    assert plainly(sql, tmp_path, *questions) == [[[stages.tenant.value(question)]] for question in questions]


def test_the_macros_work_and_times_are_utc(sql: str, tmp_path: Path) -> None:
    log = "select count(*) from activity_log('ldap', 'ldap_bind', '2026-04-01', '2026-04-02') where org = 'shapes'"
    time = "select cast(occurred_at as varchar) from authentications where event_id = '69cc00000000000000000001'"
    assert plainly(sql, tmp_path, log, time) == [[[1]], [["2026-04-01 10:00:01+00"]]]


def test_each_service_has_a_view_with_its_own_columns(stages: Stages, sql: str, tmp_path: Path) -> None:
    failed = "select count(*) from events_sso where sso_token_success is false and org = 'shapes'"
    held = "select count(*) from events_sso"
    assert plainly(sql, tmp_path, failed, held) == [
        [[2]],
        [[stages.tenant.value("select count(*) from events where service = 'sso'")]],
    ]


def test_the_published_database_can_only_be_read(sql: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="read-only"):
        plainly(sql, tmp_path, "delete from insights.authentications")


def test_before_the_first_publication_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="insights run"):
        open_sql(tmp_path, Lake(tmp_path / "lake"))
