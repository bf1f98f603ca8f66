"""Asks the published database, for reading alone; how answers are shown is the command line's."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.files import first_line, published_file


def query(home: Path, sql: str) -> pa.Table:
    """The answer of one SQL statement, times in UTC; raises WarehouseError."""
    path = published_file(home)
    if not path.exists():
        raise WarehouseError(f"There is no published database at {path} yet: run `insights run` first.")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.sql(sql).to_arrow_table()
    except duckdb.Error as error:
        raise WarehouseError(
            f"The query can't be answered ({first_line(error)}): `show tables` and `describe <table>` tell what there is."
        ) from error
