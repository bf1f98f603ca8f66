"""`insights schema`: the columns of the typed files and of the published tables, for people and programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import pyarrow as pa
import typer

from insights_pipeline.cli.arguments import Services, services_of
from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.cli.output import write_json, write_table
from insights_pipeline.events import KNOWN_SERVICES, data_dictionary
from insights_pipeline.reports.inert_csv import write_csv
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import as_markdown, event_sources, published_schema


class SchemaFormat(StrEnum):
    """How the columns are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    DBT = "dbt"


_WRITERS = {SchemaFormat.TABLE: write_table, SchemaFormat.CSV: write_csv, SchemaFormat.JSON: write_json}


def show_schema(
    service: Services = None,
    published: Annotated[
        bool, typer.Option("--published", help="The tables of the published database instead of the files.")
    ] = False,
    format_: Annotated[
        SchemaFormat,
        typer.Option("--format", help="markdown: a page of documentation, with --published. dbt: the dbt sources."),
    ] = SchemaFormat.TABLE,
) -> None:
    """The columns of the typed Parquet files: name, type and meaning, service by service; struct members below theirs."""
    services = services_of(service or (), KNOWN_SERVICES)
    if published and service:
        raise UsageMistake("--service is about files: leave it out, or leave out --published.")
    if (format_ is SchemaFormat.MARKDOWN) != published and format_ not in _WRITERS:
        raise UsageMistake("--format markdown goes with --published, and --format dbt without it.")
    if format_ is SchemaFormat.DBT:
        sys.stdout.write(event_sources())
    elif format_ is SchemaFormat.MARKDOWN:
        sys.stdout.write(as_markdown(published_schema(Settings.load().home)))
    elif published:
        _WRITERS[format_](published_schema(Settings.load().home).drop_columns(["about"]), sys.stdout)
    else:
        rows = [column for name in services for column in data_dictionary(name)]
        _WRITERS[format_](pa.Table.from_pylist(rows), sys.stdout)
