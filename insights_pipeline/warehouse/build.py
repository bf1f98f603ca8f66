"""Before and after dbt: which days it has to read, and the note of what it has read. dbt itself runs in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from insights_pipeline.events.fields import SCHEMA_VERSION
from insights_pipeline.lake import DayKey, EventsFile, Lake
from insights_pipeline.warehouse.changes import changed_days
from insights_pipeline.warehouse.coverage import CoverageDay
from insights_pipeline.warehouse.dbt_project import content_hash
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.event_views import write_source_schema
from insights_pipeline.warehouse.files import build_file, build_lock, first_line, open_build_file, published_file
from insights_pipeline.warehouse.reachable import make_reachable

_NOTES = """
create schema if not exists pipeline;
create table if not exists pipeline.loaded_versions (
    org varchar, service varchar, date date, size bigint, version varchar
);
create table if not exists pipeline.unfinished_days (org varchar, service varchar, date date);
create table if not exists pipeline.build (fingerprint varchar);
create table if not exists pipeline.stage (stage varchar);
"""

Stage = Literal["building", "built", "published"]
"""A build that was begun and not finished may hold rows that no test has passed: it is not to be published."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What a build has to do, and all that dbt needs to be told."""

    changed_days: list[DayKey]
    full_refresh: bool
    """Whether the models or the typed files' schema differ from those the build file was made with."""
    fingerprint: str
    files: list[EventsFile]
    """Every typed file as it was when the build was prepared."""
    environment: dict[str, str]
    arguments: list[str]


def prepare_build(home: Path, lake: Lake, coverage: Iterable[CoverageDay]) -> BuildPlan:
    """Writes into the build file what dbt reads: the changed days, their events, the whole coverage.

    Nothing is noted as read before `finish_build`, so that a build which fails or is killed is done again by the next.
    Raises WarehouseError.
    """
    files = lake.events_files()
    fingerprint = models_fingerprint()
    with build_lock(home), open_build_file(home) as connection:
        make_reachable(connection, lake)
        connection.execute(_NOTES)
        built_with = connection.execute("select fingerprint from pipeline.build").fetchone()
        full_refresh = built_with != (fingerprint,)
        loaded = [] if full_refresh else _loaded_versions(connection)
        days = changed_days(files, loaded, _unfinished_days(connection))
        connection.begin()
        set_stage(connection, "building")
        connection.execute("delete from pipeline.unfinished_days")
        _insert(connection, "unfinished_days", [(key.org, key.service, key.day) for key in days])
        try:
            write_source_schema(connection, lake, days, files, coverage)
        except duckdb.Error as error:
            raise WarehouseError(
                f"A typed file can't be read ({first_line(error)}), and the published database stays as it was: "
                "run again, and if it says the same, remove that file, and the next run makes it again."
            ) from error
        connection.commit()
    arguments = ["build"]
    return BuildPlan(
        changed_days=days,
        full_refresh=full_refresh,
        fingerprint=fingerprint,
        files=files,
        environment={"INSIGHTS_WAREHOUSE": str(build_file(home)), "INSIGHTS_LAKE": lake.place},
        arguments=[*arguments, "--full-refresh"] if full_refresh else arguments,
    )


def is_current(home: Path, lake: Lake, coverage: Iterable[CoverageDay]) -> bool:
    """Whether a build would change nothing but when days were last counted, and what it made is published.

    Raises WarehouseError.
    """
    if not (build_file(home).exists() and published_file(home).exists()):
        return False
    with build_lock(home), open_build_file(home) as connection:
        connection.execute(_NOTES)
        built_with = connection.execute("select fingerprint from pipeline.build").fetchone()
        if (
            stage_of(connection) != "published"
            or built_with != (models_fingerprint(),)
            or changed_days(lake.events_files(), _loaded_versions(connection), _unfinished_days(connection))
        ):
            return False
        figures = "org, service, date, state, expected_events, held_events, late_events"
        known = set(connection.execute(f"select {figures} from lake.coverage").fetchall())
    return known == {day[:7] for day in coverage}


def finish_build(home: Path, plan: BuildPlan) -> None:
    """Notes, after dbt has succeeded, which files the models now hold; raises WarehouseError."""
    with build_lock(home), open_build_file(home) as connection:
        connection.begin()
        for table in ("loaded_versions", "unfinished_days", "build"):
            connection.execute(f"delete from pipeline.{table}")
        _insert(
            connection,
            "loaded_versions",
            [(file.key.org, file.key.service, file.key.day, file.size, file.version) for file in plan.files],
        )
        _insert(connection, "build", [(plan.fingerprint,)])
        set_stage(connection, "built")
        connection.commit()


def stage_of(connection: duckdb.DuckDBPyConnection) -> Stage | None:
    """How far the last build came; None before the first."""
    connection.execute(_NOTES)
    found = connection.execute("select stage from pipeline.stage").fetchone()
    return found[0] if found else None


def set_stage(connection: duckdb.DuckDBPyConnection, reached: Stage) -> None:
    """Notes how far the build came."""
    connection.execute("delete from pipeline.stage")
    connection.execute("insert into pipeline.stage values (?)", [reached])


def models_fingerprint() -> str:
    """Of everything that decides which rows a build gives: tables that other models made have to be built anew."""
    return f"{SCHEMA_VERSION}/{content_hash()}"


def _loaded_versions(connection: duckdb.DuckDBPyConnection) -> list[EventsFile]:
    rows = connection.execute("select org, service, date, size, version from pipeline.loaded_versions").fetchall()
    return [EventsFile(DayKey(org, service, day), size, version) for org, service, day, size, version in rows]


def _unfinished_days(connection: duckdb.DuckDBPyConnection) -> list[DayKey]:
    return [DayKey(*row) for row in connection.execute("select * from pipeline.unfinished_days").fetchall()]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """At once: 22,400 rows one by one take 10 s."""
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        connection.register("rows_to_insert", pa.table(columns, [f"column{n}" for n in range(len(columns))]))
        connection.execute(f"insert into pipeline.{table} select * from rows_to_insert")
        connection.unregister("rows_to_insert")
