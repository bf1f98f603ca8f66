"""Prints rows: as a table for eyes, as CSV and JSON lines for programs. Where the rows come from is not known here."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from typing import IO

import pyarrow as pa
from rich.console import Console
from rich.table import Table

# A spreadsheet takes a cell that begins so for a formula, and what users type ends up in these rows.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_table(rows: pa.Table, out: IO[str]) -> None:
    """Aligned columns; as wide as needed where nobody looks."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for field in rows.schema:
        numeric = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(field.name, justify="right" if numeric else "left", overflow="fold")
    for row in rows.to_pylist():
        table.add_row(*(_plain(value) for value in row.values()))
    console = Console(file=out, highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(file=out, highlight=False, markup=False, width=10_000)
    console.print(table)


def write_csv(rows: pa.Table, out: IO[str]) -> None:
    """RFC 4180 with a header; texts that a spreadsheet would run begin with an apostrophe."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows.column_names)
    for row in rows.to_pylist():
        writer.writerow([_inert(value) for value in row.values()])


def write_json(rows: pa.Table, out: IO[str]) -> None:
    """One object a line; times as RFC 3339."""
    for row in rows.to_pylist():
        out.write(json.dumps(row, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(value)


def _inert(value: object) -> str:
    text = _plain(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text
