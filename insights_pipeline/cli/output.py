"""Prints rows: as a table for eyes, as JSON lines for programs. Where the rows come from is not known here."""

from __future__ import annotations

import json
from typing import IO

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from insights_pipeline.reports.inert_csv import plain_text


def write_table(rows: pa.Table, out: IO[str]) -> None:
    """Aligned columns; as wide as needed where nobody looks."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for field in rows.schema:
        numeric = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(field.name, justify="right" if numeric else "left", overflow="fold")
    for row in rows.to_pylist():
        table.add_row(*(plain_text(value) for value in row.values()))
    console = Console(file=out, highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(file=out, highlight=False, markup=False, width=10_000)
    console.print(table)


def write_json(rows: pa.Table, out: IO[str]) -> None:
    """One object a line; times as RFC 3339."""
    for row in rows.to_pylist():
        out.write(json.dumps(row, default=plain_text, ensure_ascii=False) + "\n")
