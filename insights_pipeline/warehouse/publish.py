"""Copies what the models made into the file that people open, and puts it in place whole; it computes nothing itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from insights_pipeline.events.schema import column_descriptions
from insights_pipeline.lake import Lake
from insights_pipeline.warehouse.build import set_stage, stage_of
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.event_views import OTHER_SERVICES, events_pattern, events_schema
from insights_pipeline.warehouse.files import (
    HIVE_TYPES,
    STORAGE_VERSION,
    build_file,
    build_lock,
    first_line,
    open_build_file,
    published_file,
    quoted,
)
from insights_pipeline.warehouse.reachable import make_reachable

PUBLISHED_TABLES = (
    "authentications",
    "admin_changes",
    "admin_change_fields",
    "old_api_key_attempts",
    "old_api_key_sources",
    "coverage",
    "events",
    "event_types",
)
"""What others rely on; a file without one of them is not published."""

_ANALYST_MACROS = Path(__file__).with_name("analyst_macros.sql")

_EVENTS_COMMENT = (
    "One row per event of any service: a view over the typed Parquet files, which the event's whole JSON is in."
)

_FOLDER_COLUMNS = {
    "org": "Organization that was asked for: its id, provider-<id> for a provider's own events, or self.",
    "service": "Service that was asked for; event_service is what the event itself says.",
    "date": "UTC day on which it happened.",
}


@dataclass(frozen=True, slots=True)
class Published:
    """The file that was put in place."""

    path: Path
    tables: dict[str, int]
    """Rows of each table; a view over files is not counted."""
    bytes: int


def publish(home: Path, lake: Lake) -> Published:
    """Replaces the published file by a copy of the build file's schema `main`; raises WarehouseError, then nothing changed.

    Whoever has the old file open keeps reading it; whoever opens next gets the new one.
    """
    target = published_file(home)
    with build_lock(home):
        if not build_file(home).exists():
            raise WarehouseError(
                "There is nothing to publish because no models were built yet: run `insights run` first."
            )
        with open_build_file(home) as connection:
            if stage_of(connection) == "building":
                raise WarehouseError(
                    "The last build of the models did not pass, and the published database stays as it was: "
                    "run `insights run` again."
                )
        temporary = target.with_name(f"{target.name}.tmp")
        temporary.unlink(missing_ok=True)
        try:
            tables = _write(temporary, build_file(home), lake)
            _check(temporary, lake)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(temporary, target)
            with open_build_file(home) as connection:
                set_stage(connection, "published")
        except (OSError, duckdb.Error) as error:
            raise WarehouseError(
                f"{target} could not be replaced ({first_line(error)}) and stays as it was: "
                "free some space or set INSIGHTS_HOME to a folder that you may write to."
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
    return Published(target, tables, target.stat().st_size)


def _write(path: Path, build: Path, lake: Lake) -> dict[str, int]:
    with duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION}) as connection:
        make_reachable(connection, lake)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {quoted(str(build))} as build (read_only)")
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'build' and schema_name = 'main' order by all"
        ).fetchall()
        tables = {name: _copy(connection, name) for (name,) in names}
        if missing := set(PUBLISHED_TABLES) - {"events"} - tables.keys():
            raise WarehouseError(
                f"The models {', '.join(sorted(missing))} are missing from the build, which is why the published database "
                f"stays as it was: remove {build} and run `insights run` again."
            )
        connection.execute(f"create view events as {_events_view(lake)}")
        _comment(connection, "view", "events", _EVENTS_COMMENT, _events_descriptions())
        connection.execute(_ANALYST_MACROS.read_text(encoding="utf-8"))
        connection.execute("detach build")
        return tables


def _copy(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """A table with its comments; gives the number of its rows."""
    connection.execute(f'create table main."{name}" as from build.main."{name}"')
    place = "database_name = 'build' and schema_name = 'main' and table_name = ?"
    comment = connection.execute(f"select comment from duckdb_tables() where {place}", [name]).fetchone()
    columns = connection.execute(f"select column_name, comment from duckdb_columns() where {place}", [name]).fetchall()
    _comment(connection, "table", name, comment[0] if comment else None, dict(columns))
    rows = connection.execute(f'select count(*) from main."{name}"').fetchone()
    return int(rows[0]) if rows else 0


def _comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, comment: str | None, columns: Mapping[str, str | None]
) -> None:
    if comment:
        connection.execute(f'comment on {kind} main."{name}" is {quoted(comment)}')
    for column, text in columns.items():
        if text:
            connection.execute(f'comment on column main."{name}"."{column}" is {quoted(text)}')


def _events_view(lake: Lake) -> str:
    """Over every typed file, those that come after publishing too; without any, a view of the same columns and no rows."""
    schema = events_schema(OTHER_SERVICES)
    if lake.events_files():
        pattern = quoted(events_pattern(lake))
        columns = ", ".join(f'"{name}"' for name in schema.names)
        return f"select {columns} from read_parquet({pattern}, hive_partitioning = true, hive_types = {HIVE_TYPES})"
    columns = ", ".join(f'cast(null as {_sql_type(field.type)}) as "{field.name}"' for field in schema)
    return f"select {columns} where false"


def _sql_type(type_: pa.DataType) -> str:
    empty = duckdb.from_arrow(pa.table({"value": pa.array([], type_)}))
    return str(empty.types[0])


def _events_descriptions() -> dict[str, str]:
    described = _FOLDER_COLUMNS | column_descriptions(OTHER_SERVICES)
    return {name: described[name] for name in events_schema(OTHER_SERVICES).names}


def _check(path: Path, lake: Lake) -> None:
    """Raises WarehouseError unless the file opens for reading alone and every table that others rely on can be read."""
    with duckdb.connect(str(path), read_only=True) as connection:
        make_reachable(connection, lake)
        for name in PUBLISHED_TABLES:
            try:
                connection.execute(f"select * from main.{name} limit 1").fetchall()
            except duckdb.Error as error:
                raise WarehouseError(
                    f"The table {name} can't be read from the new database ({first_line(error)}), which is why the "
                    "published one stays as it was: run `insights run` again."
                ) from error
