"""`insights schema`: the columns of the typed files, for people and programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import pyarrow as pa
import typer

from insights_pipeline.cli.arguments import services_of
from insights_pipeline.cli.output import write_csv, write_json, write_table
from insights_pipeline.events import KNOWN_SERVICES, data_dictionary
from insights_pipeline.warehouse import event_sources


class SchemaFormat(StrEnum):
    """How the columns are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    DBT = "dbt"


_WRITERS = {SchemaFormat.TABLE: write_table, SchemaFormat.CSV: write_csv, SchemaFormat.JSON: write_json}


def show_schema(
    service: Annotated[
        list[str] | None, typer.Option("--service", help="Only this service; may be repeated.", show_default=False)
    ] = None,
    format_: Annotated[
        SchemaFormat, typer.Option("--format", help="dbt: the sources of the dbt project, of all services.")
    ] = SchemaFormat.TABLE,
) -> None:
    """The columns of the typed Parquet files: name, type and meaning, service by service; struct members below theirs."""
    services = services_of(service or (), KNOWN_SERVICES)
    if format_ is SchemaFormat.DBT:
        sys.stdout.write(event_sources())
        return
    rows = [column for name in services for column in data_dictionary(name)]
    _WRITERS[format_](pa.Table.from_pylist(rows), sys.stdout)
