"""`insights query`: SQL on the published database, read-only."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from insights_pipeline.cli.output import write_json, write_table
from insights_pipeline.reports.inert_csv import write_csv
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import query


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


_WRITERS = {Format.TABLE: write_table, Format.CSV: write_csv, Format.JSON: write_json}


def run_query(
    sql: Annotated[str, typer.Argument(help="A query in DuckDB's SQL, such as: from authentications limit 10")],
    output: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TABLE,
) -> None:
    """Ask the published database."""
    _WRITERS[output](query(Settings.load().home, sql), sys.stdout)
