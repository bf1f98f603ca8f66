"""The DuckDB in which a process types events: one in memory for all days, since starting one costs as much as a small day."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from insights_pipeline.events import statements

# Threads that ask at the same time would each open one, and a cache keeps the last.
_OPENING = threading.Lock()


@contextmanager
def session(memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for one thread, with tables of its own, in UTC, that knows the macros of `statements`.

    All sessions of one limit ("300MB") share it; what doesn't fit spills to a temporary folder.
    """
    with _OPENING:
        database, _ = _database(memory_limit)
    with database.cursor() as connection:
        connection.execute("SET enable_progress_bar = false")  # known to a session alone
        yield connection


@cache
def _database(memory_limit: str) -> tuple[duckdb.DuckDBPyConnection, TemporaryDirectory[str]]:
    """The folder lives as long as the process."""
    folder = TemporaryDirectory(prefix="insights-normalize-", ignore_cleanup_errors=True)
    connection = duckdb.connect(
        config={"memory_limit": memory_limit, "temp_directory": folder.name, "threads": pa.cpu_count()}
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    for macro in statements.MACROS:
        connection.execute(macro)
    return connection, folder
