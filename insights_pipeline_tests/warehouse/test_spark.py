"""The models built on a Spark cluster against the same models built in DuckDB: every published table, row for row."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from insights_pipeline.events.record import record_file
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse import EXCLUDED, CoverageDay, finish_build, prepare_build, publish, run_dbt
from insights_pipeline_tests.demo import program
from insights_pipeline_tests.processes import bare_environment
from insights_pipeline_tests.spark_cluster import SparkCluster, needs_spark, spark_cluster
from insights_pipeline_tests.warehouse.conftest import LAST_TENANT_DAY, MONDAY, Stages
from insights_pipeline_tests.warehouse.days import write_day
from insights_pipeline_tests.warehouse.events import LDAP_SIGN_IN, SSO_SIGN_IN

pytestmark = needs_spark

WEDNESDAY = date(2026, 3, 4)

CHANGED = DayKey("shapes", "ldap", date(2026, 4, 1))
NEW = DayKey("self", "sso", WEDNESDAY)
EMPTIED = DayKey("wild", "directory", date(2026, 4, 1))
GONE = DayKey("tenant", "directory", LAST_TENANT_DAY)
NAMED_AGAIN = DayKey("self", "ldap", MONDAY)
"""A day that stays as it is, with a sign-in of `bob`: whose account that is becomes known by the new day."""

# As Spark itself has the catalogue, after the last build.
_ASK = """
import json, sys
from pathlib import Path
from insights_pipeline.warehouse.spark.session import spark_session
with spark_session(Path(sys.argv[1]), "local[1]") as spark:
    events = spark.sql("select org, service, cast(date as string), id, cast(timestamp as string) from main.events")
    partitions = spark.sql("show partitions main.authentications")
    answer = {"events": [list(row) for row in events.collect()], "partitions": [row[0] for row in partitions.collect()]}
Path(sys.argv[2]).write_text(json.dumps(answer))
"""

Rows = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class Round:
    """A build by each engine of the same files."""

    said: str
    changed: list[DayKey]
    on_spark: dict[str, Rows]
    in_duckdb: dict[str, Rows]
    types_on_spark: dict[str, dict[str, str]]
    types_in_duckdb: dict[str, dict[str, str]]
    files: dict[str, set[str]]
    """The files that Spark's tables consist of, by table and partition."""


@dataclass(frozen=True)
class Rounds:
    first: Round
    second: Round
    catalogue: dict[str, Any]
    events: Rows


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started
    assert all(process.poll() is not None for process in started.processes)


@pytest.fixture(scope="module")
def rounds(stages: Stages, cluster: SparkCluster, tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    home = tmp_path_factory.mktemp("spark")
    # Sizes and times of the files stay, so that DuckDB has nothing to read again.
    shutil.copytree(stages.home / "lake", home / "lake")
    shutil.copy2(stages.home / "warehouse.duckdb", home)
    lake = Lake(home / "lake")
    # What lies beside a typed file must not be taken for one.
    lake.write(NAMED_AGAIN.rejects_file, b"no Parquet")
    lake.write(record_file(NAMED_AGAIN), b"{}")
    lake.write(f"{NAMED_AGAIN.events_folder}/events.parquet.0a1b2c3d.tmp", b"half a Parquet")
    build = _builder(home, lake, cluster)
    first = build()

    write_day(lake, CHANGED, [{**LDAP_SIGN_IN, "timestamp": "2026-04-01T11:00:00Z", "error_code": 49}])
    write_day(lake, NEW, [{**SSO_SIGN_IN, "timestamp": "2026-03-04T10:00:00Z"}])
    write_day(lake, EMPTIED, [])
    lake.remove_folder(GONE.events_folder)
    second = build()

    answer = home / "answer.json"
    arguments = [sys.executable, "-c", _ASK, str(home / "spark"), str(answer)]
    subprocess.run(arguments, env=bare_environment(cluster.environment), check=True, timeout=300)
    with duckdb.connect(str(home / "insights.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        events = connection.execute("select org, service, date::varchar, id, timestamp from events").fetchall()
    texts = Counter((*row[:4], _as_spark_writes(row[4])) for row in events)
    return Rounds(first, second, json.loads(answer.read_text()), texts)


def _as_spark_writes(instant: Any) -> str:
    text: str = instant.strftime("%Y-%m-%d %H:%M:%S.%f")
    return text.rstrip("0").rstrip(".")


def _builder(home: Path, lake: Lake, cluster: SparkCluster) -> Callable[[], Round]:
    def build() -> Round:
        said = subprocess.run(
            [program(), "models", "--target", "spark"],
            env=bare_environment({**cluster.environment, "INSIGHTS_HOME": str(home)}),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert said.returncode == 0, said.stderr
        tables = home / "spark" / "tables"
        # The coverage that Spark was given: by now it may be another day, on which other days are missing.
        coverage = pq.read_table(tables / "lake.db" / "coverage").to_pylist()
        plan = prepare_build(home, lake, [CoverageDay(**row) for row in coverage])
        run_dbt([*plan.arguments, "--exclude", EXCLUDED], plan.environment, home / "target")
        finish_build(home, plan)
        publish(home, lake)
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{home / 'insights.duckdb'}' as published (read_only)")
            columns = _columns(connection)
            sources = {name: _files_of(tables / "main.db" / name, columns[name]) for name in columns}
            return Round(
                said.stdout,
                plan.changed_days,
                {name: _rows(connection, columns[name], source) for name, source in sources.items()},
                {name: _rows(connection, columns[name], f"published.main.{name}") for name in columns},
                {name: _types(connection, source) for name, source in sources.items()},
                columns,
                _written_files(tables / "main.db"),
            )

    return build


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Of every table that is published; the view of the events is Spark's own over the same files."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, type_ in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() join duckdb_tables() using (database_name, table_name)"
        " where database_name = 'published' order by all"
    ).fetchall():
        tables.setdefault(table, {})[column] = type_
    return tables


def _files_of(folder: Path, columns: dict[str, str]) -> str:
    if not any(folder.glob("org=*")):
        return f"read_parquet('{folder}/*.parquet')"
    day = "event_date" if "event_date" in columns else "date"
    types = f"{{'org': varchar, 'service': varchar, '{day}': date}}"
    return f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true, hive_types = {types})"


def _types(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {source}").fetchall()}


def _rows(connection: duckdb.DuckDBPyConnection, columns: dict[str, str], source: str) -> Rows:
    named = ", ".join(f'"{column}"' for column in columns)
    rows = connection.execute(f"select {named} from {source}").fetchall()
    return Counter(tuple(tuple(value) if isinstance(value, list) else value for value in row) for row in rows)


def _written_files(folder: Path) -> dict[str, set[str]]:
    files: dict[str, set[str]] = {}
    for path in folder.rglob("*.parquet"):
        files.setdefault(str(path.parent.relative_to(folder)), set()).add(path.name)
    return files


def test_every_published_table_has_the_same_rows_on_spark(rounds: Rounds) -> None:
    found = rounds.first
    assert len(found.in_duckdb) >= 11
    assert all(found.in_duckdb.values())
    for table, expected in found.in_duckdb.items():
        assert found.on_spark[table] == expected, table


def test_every_column_has_the_same_type_on_spark(rounds: Rounds) -> None:
    assert rounds.first.types_on_spark == rounds.first.types_in_duckdb


def test_the_build_runs_on_the_cluster(rounds: Rounds, cluster: SparkCluster) -> None:
    assert f"everything on {cluster.master}" in rounds.first.said
    assert f"what changed on {cluster.master}: 4 days" in rounds.second.said


def test_changed_new_emptied_and_gone_days_are_the_same_on_spark(rounds: Rounds) -> None:
    found = rounds.second
    assert found.changed == sorted([CHANGED, NEW, EMPTIED, GONE])
    assert found.in_duckdb != rounds.first.in_duckdb
    for table, expected in found.in_duckdb.items():
        assert found.on_spark[table] == expected, table


def test_only_changed_days_and_those_with_a_person_to_rename_are_written_again(rounds: Rounds) -> None:
    before, after = (
        {place: names for place, names in found.files.items() if "org=" in place}
        for found in (rounds.first, rounds.second)
    )
    rewritten = {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
    assert {key for place in rewritten if (key := _key_of(place)) != NAMED_AGAIN} == {CHANGED, NEW, EMPTIED, GONE}
    assert [place for place in rewritten if _key_of(place) == NAMED_AGAIN] == [
        f"authentications/{_folder_of(NAMED_AGAIN)}"
    ]
    assert not [place for place in after if _key_of(place) in (EMPTIED, GONE)]


def test_the_events_of_every_file_are_a_table_of_sparks_catalogue(rounds: Rounds) -> None:
    assert Counter(map(tuple, rounds.catalogue["events"])) == rounds.events


def test_sparks_catalogue_has_the_partitions_that_have_files(rounds: Rounds) -> None:
    written = {
        place.removeprefix("authentications/") for place in rounds.second.files if place.startswith("authentications/")
    }
    assert set(rounds.catalogue["partitions"]) == written


def _folder_of(key: DayKey) -> str:
    return key.folder.replace("date=", "event_date=")


def _key_of(place: str) -> DayKey | None:
    return DayKey.from_folder(place.replace("event_date=", "date="))
