"""Cuts rows to what a page can bear, and says by which rule. Pure; which rows there are is asked elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from insights_pipeline.reports.database import Row
from insights_pipeline.reports.page import Column, Kind, Listing, Table
from insights_pipeline.reports.wording import shown

# Four lists, charts and styles stay below 2 MB together.
MOST_BYTES = 300_000

# Tags and attributes around a cell.
_CELL_BYTES = 80


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a list, and how a row gives its cell."""

    title: str
    cell: Callable[[Row], str]
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class ListOf:
    """What a list shows and how its rows are chosen."""

    title: str
    question: str
    """The query whose rows it shows; each carries `total`, the number that it chose from."""
    things: str
    """`failed attempts`."""
    order: str
    """`newest first`."""
    file: str
    """Where all of them are."""
    fields: tuple[Field, ...]
    empty: str
    note: str = ""
    advice: str = ""


def listing(definition: ListOf, rows: Sequence[Row], *, with_org: bool) -> Listing:
    """The list as a page shows it; the organization is a column where there are several."""
    fields = definition.fields
    if with_org and any("org" in row for row in rows):
        fields = (*fields, Field("Organization", lambda row: shown(row["org"]), "code"))
    cells = [tuple(field.cell(row) for field in fields) for row in rows]
    kept = fit(cells)
    total = rows[0]["total"] if rows else 0
    return Listing(
        title=definition.title,
        rule=rule(definition, len(kept), total),
        table=Table(tuple(Column(field.title, field.kind) for field in fields), kept),
        empty=definition.empty,
        advice=definition.advice,
    )


def rule(definition: ListOf, kept: int, total: int) -> str:
    """Which rows these are, and where the others are."""
    if kept == 0:
        return ""
    if kept < total:
        chosen = f"{kept:,} of {total:,} {definition.things}, {definition.order}; all are in {definition.file}."
    elif total > 1:
        chosen = f"All {total:,} {definition.things}, {definition.order}."
    else:
        chosen = "The only one."
    return f"{chosen} {definition.note}".rstrip()


def fit(rows: Sequence[tuple[str, ...]], most_bytes: int = MOST_BYTES) -> list[tuple[str, ...]]:
    """The first rows that together take no more bytes of a page."""
    kept: list[tuple[str, ...]] = []
    for row in rows:
        most_bytes -= sum(len(escape(cell).encode()) + _CELL_BYTES for cell in row)
        if most_bytes < 0:
            break
        kept.append(row)
    return kept
