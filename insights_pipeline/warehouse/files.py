"""Where the build file and the published file lie, how the build file is opened, and the lock that goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from insights_pipeline.warehouse.errors import WarehouseError

STORAGE_VERSION = "v1.4.0"
"""Files are written in this format, whatever DuckDB writes them, so that every DuckDB from 1.4 on reads them."""

HIVE_TYPES = "{'org': varchar, 'service': varchar, 'date': date}"
"""Of the folders' names; given, not guessed: an organization id of digits alone would be read as a number."""

LOCK_TIMEOUT_SECONDS = 600.0
"""How long a second build waits for the first: a day's build takes seconds, a rebuild of everything minutes."""


def build_file(home: Path) -> Path:
    """The file that dbt writes; nobody but the pipeline opens it."""
    return home.absolute() / "warehouse.duckdb"


def published_file(home: Path) -> Path:
    """The file that people open."""
    return home.absolute() / "insights.duckdb"


@contextmanager
def build_lock(home: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Keeps every other build away from the build file; may be taken again inside itself. Raises WarehouseError."""
    with locked(build_file(home), timeout_seconds):
        yield


@contextmanager
def locked(built: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Keeps every other run away from a file or folder that is built; the lock lies beside it. Raises WarehouseError."""
    built.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{built}.lock", is_singleton=True)
    try:
        lock.acquire(timeout=timeout_seconds)
    except Timeout:
        raise WarehouseError(
            f"Another run has been building {built} for more than {timeout_seconds:.0f} seconds: "
            "wait until it has ended and run again."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def open_build_file(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file for reading and writing, times in UTC; made when it isn't there. Raises WarehouseError."""
    path = build_file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})
    except duckdb.Error as error:
        raise WarehouseError(
            f"The build file {path} can't be opened ({first_line(error)}): end the program that has it open, "
            "or remove the file and the next run builds it anew."
        ) from error
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def first_line(error: Exception) -> str:
    """The gist of a DuckDB error, which goes on for lines with the statement.

    One that comes from a file of an object store is a Python error by birth, whose gist is its first line that names an error.
    """
    text = str(error)
    if text.startswith("Traceback"):
        said = [line for line in text.splitlines() if ": " in line and not line.startswith(" ")]
        text = said[0].partition(": ")[2] if said else text
    return text.partition("\n")[0].rstrip(". ")


def quoted(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
