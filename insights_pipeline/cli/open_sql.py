"""`insights open-sql`: what plain DuckDB needs to read the published database and the files; the SQL is the warehouse's."""

from __future__ import annotations

import sys

from insights_pipeline.lake import Lake
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import open_sql


def print_open_sql() -> None:
    """Print the SQL that opens the published database in plain DuckDB: `insights open-sql > open.sql; duckdb -init open.sql`."""
    settings = Settings.load()
    sys.stdout.write(open_sql(settings.home, Lake(settings.lake_root)))
