"""The published database as the reports read it: one file from beginning to end, only the period's rows, answers as rows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from insights_pipeline.reports.errors import ReportError
from insights_pipeline.reports.period import Known, Period, check_order, period_of
from insights_pipeline.warehouse import published_file
from insights_pipeline.warehouse.files import first_line, quoted

QUERIES = Path(__file__).with_name("queries")

Row = dict[str, Any]
"""A row by column; times are aware and in UTC."""

# Sorting a large table for its file spills to disk above this instead of taking the machine's memory.
_MEMORY_LIMIT = "1GB"


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """The bytes that a report was made from."""

    name: str
    bytes: int
    sha256: str


class Database:
    """An open published database, narrowed to a period."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: DatabaseFile, period: Period) -> None:
        self.connection = connection
        self.file = file
        self.period = period
        # A variable takes no parameter; both are our own dates, and the step is one of three words.
        connection.execute(f"set variable first_day = date '{period.first}'")
        connection.execute(f"set variable last_day = date '{period.last}'")
        connection.execute(f"set variable step = '{period.step}'")
        connection.execute((QUERIES / "views.sql").read_text(encoding="utf-8"))

    def rows(self, question: str) -> list[Row]:
        """The answer to `queries/<question>.sql`."""
        answer = self.connection.execute((QUERIES / f"{question}.sql").read_text(encoding="utf-8"))
        columns = [column[0] for column in answer.description or ()]
        return [{name: _in_utc(value) for name, value in zip(columns, row, strict=True)} for row in answer.fetchall()]

    def row(self, question: str) -> Row:
        """The one row of an answer that has one."""
        (row,) = self.rows(question)
        return row


@contextmanager
def open_database(home: Path, first: date | None, last: date | None) -> Iterator[Database]:
    """The published database, narrowed to the period asked for; raises ReportError.

    It may be replaced meanwhile: who has it open goes on reading the file that was there, and the hash is of that file.
    """
    check_order(first, last)
    path = published_file(home)
    while True:
        if not path.exists():
            raise ReportError(f"There is no published database at {path} yet: run `insights run` first.")
        with path.open("rb") as file:
            # Attached, not opened: within a process DuckDB gives a second opener the file that the first one has open,
            # which may be one that was replaced since.
            connection = duckdb.connect(config={"memory_limit": _MEMORY_LIMIT})
            try:
                connection.execute("set TimeZone = 'UTC'")
                connection.execute(f"attach {quoted(str(path))} as published (read_only)")
                connection.execute("use published")
                if not _is_still_at(path, file.fileno()):
                    continue
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                known = Known(**_only_row(connection, (QUERIES / "known_days.sql").read_text(encoding="utf-8")))
                identity = DatabaseFile(path.name, file.tell(), digest)
                yield Database(connection, identity, period_of(first, last, known))
                return
            except duckdb.Error as error:
                raise ReportError(
                    f"The published database can't be read ({first_line(error)}): run `insights run` to publish it again."
                ) from error
            finally:
                connection.close()


def sha256_of_published(home: Path) -> str | None:
    """Hexadecimal, of the published database; None where there is none."""
    try:
        with published_file(home).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _is_still_at(path: Path, descriptor: int) -> bool:
    """Whether the file that was hashed and the one that DuckDB opened in between are the same."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _only_row(connection: duckdb.DuckDBPyConnection, sql: str) -> Row:
    answer = connection.execute(sql)
    columns = [column[0] for column in answer.description or ()]
    (row,) = answer.fetchall()
    return dict(zip(columns, row, strict=True))


def _in_utc(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
