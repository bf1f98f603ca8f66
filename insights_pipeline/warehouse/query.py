"""Asks the published database, for reading alone; how answers are shown is up to those who ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.files import first_line, published_file, quoted
from insights_pipeline.warehouse.reachable import make_published_reachable


def query(home: Path, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
    """The answer of one SQL statement, times in UTC; `parameters` stand for its question marks. Raises WarehouseError.

    The file is opened for each statement and closed again, so that an answer is always of what was published last.
    """
    path = published_file(home)
    if not path.exists():
        raise WarehouseError(f"There is no published database at {path} yet: run `insights run` first.")
    try:
        with _opened(path) as connection:
            answer = connection.sql(sql, params=list(parameters))
            if answer is None:
                raise WarehouseError("The statement answers with no rows: ask with a query, such as `from coverage`.")
            return answer.to_arrow_table()
    except duckdb.Error as error:
        raise WarehouseError(
            f"The query can't be answered ({first_line(error)}): `show tables` and `describe <table>` tell what there is."
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    # Attached, not connected to: connections of one process to the same path share one open file, and with several
    # threads asking, the file that a rename has replaced would stay open as long as any of them reads.
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(str(path))} as published (read_only)")
        connection.execute("use published; set TimeZone = 'UTC'")
        # With it DuckDB 2.0.0 fails over a condition on a struct's member beside `order by … limit` (duckdb#24252).
        connection.execute("set disabled_optimizers = 'late_materialization'")
        make_published_reachable(connection)
        yield connection
