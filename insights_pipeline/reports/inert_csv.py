"""CSV whose cells no spreadsheet runs as formulas, and how values read as text. Where rows come from is not known here."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from typing import IO

import pyarrow as pa

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula, and what users type ends up in these rows."""

# Python objects of so many rows at once: whole tables of them would take ten times the table's memory.
_ROWS_AT_ONCE = 10_000


def write_csv(rows: pa.Table, out: IO[str]) -> None:
    """RFC 4180 with a header; texts that a spreadsheet would run begin with an apostrophe."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows.column_names)
    for batch in rows.to_batches(_ROWS_AT_ONCE):
        for row in batch.to_pylist():
            writer.writerow([_inert(value) for value in row.values()])


def plain_text(value: object) -> str:
    """The value as text: times as RFC 3339, structures as JSON, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, default=plain_text, ensure_ascii=False)
    return str(value)


def _inert(value: object) -> str:
    text = plain_text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text
