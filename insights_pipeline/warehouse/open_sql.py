"""The SQL with which plain DuckDB, without this package, opens what was published; it runs none of it."""

from __future__ import annotations

from pathlib import Path

from insights_pipeline.lake import Lake
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.event_views import events_from_files
from insights_pipeline.warehouse.files import published_file, quoted


def open_sql(home: Path, lake: Lake) -> str:
    """Statements that work from any folder; raises WarehouseError where nothing was published yet.

    They attach the published file for reading alone, make its tables and macros the ones that are meant by a bare name,
    show times in UTC, and add a view of each service's typed files: the published view `events` has but the columns that
    every service has.
    """
    path = published_file(home)
    if not path.exists():
        raise WarehouseError(f"There is no published database at {path} yet: run `insights run` first.")
    services = sorted({file.key.service for file in lake.events_files()})
    views = [
        f"create or replace temp view {_identifier(f'events_{service}')} as {events_from_files(lake, service)};"
        for service in services
    ]
    lines = [
        "-- For DuckDB 1.4 and later, from any folder.",
        f"attach if not exists {quoted(str(path))} as insights (read_only);",
        "use insights;",
        "set TimeZone = 'UTC';",
        "-- The events of each service with its own columns, read from the typed files.",
        *views,
    ]
    return "\n".join(lines) + "\n"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
