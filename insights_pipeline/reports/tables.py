"""The tables behind the pages as CSV and Parquet, written by DuckDB row by row: never held in memory whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from insights_pipeline.reports.database import Database
from insights_pipeline.reports.inert_csv import FORMULA_STARTS
from insights_pipeline.warehouse.files import quoted


@dataclass(frozen=True, slots=True)
class Source:
    """A table of the report: the view that it is of, and an order that no two rows share."""

    name: str
    view: str
    order: str
    grain: str
    """One row a …"""


TABLES = (
    Source("authentications", "attempts", "occurred_at, org, service, event_id", "attempt to sign in"),
    Source("admin_changes", "changes", "occurred_at, org, service, event_id", "change made in the directory"),
    Source(
        "admin_change_fields",
        "changed_fields",
        "occurred_at, org, service, event_id, position_in_event, field, old_value, new_value",
        "changed field, with its old and new value",
    ),
    Source("old_api_key_attempts", "calls", "occurred_at, org, service, event_id", "call with an old API key"),
    Source("old_api_key_sources", "callers", "org, caller_id", "caller that has an old API key"),
    Source("old_api_key_burndown", "burndown", "org, date", "organization and day: callers by state"),
    Source("coverage", "days", "org, service, date", "organization, service and day: held and counted"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A table that was written, in both formats."""

    source: Source
    rows: int

    @property
    def files(self) -> tuple[str, str]:
        """Its CSV and its Parquet file."""
        return f"{self.source.name}.csv", f"{self.source.name}.parquet"


def write_tables(database: Database, folder: Path) -> list[Written]:
    """Every table in both formats; raises duckdb.Error where the folder can't be written."""
    return [_write(database.connection, source, folder) for source in TABLES]


def _write(connection: duckdb.DuckDBPyConnection, source: Source, folder: Path) -> Written:
    ordered = f"from {source.view} order by {source.order}"
    columns = connection.execute(f"describe {source.view}").fetchall()
    cells = ", ".join(inert(name, type_) for name, type_, *_ in columns)
    parquet, csv = (folder / f"{source.name}.{ending}" for ending in ("parquet", "csv"))
    written = connection.execute(
        f"copy (select * {ordered}) to {quoted(str(parquet))} (format parquet, compression zstd)"
    ).fetchone()
    connection.execute(
        f"copy (select {cells} {ordered}) to {quoted(str(csv))} "
        "(format csv, header, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ')"
    )
    return Written(source, int(written[0]) if written else 0)


def inert(column: str, type_: str) -> str:
    """The column as SQL for a CSV file: a text that a spreadsheet would run begins with an apostrophe."""
    if type_ != "VARCHAR":
        return f'"{column}"'
    starts = " || ".join(f"chr({ord(character)})" for character in FORMULA_STARTS)
    return f'case when contains({starts}, left("{column}", 1)) and "{column}" <> \'\' then \'\'\'\' || "{column}" else "{column}" end as "{column}"'
