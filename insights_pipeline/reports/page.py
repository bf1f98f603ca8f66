"""What a page shows, in the order in which it is read; how that looks is the templates', how it comes about the pages'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Tone = Literal["plain", "quiet", "good", "caution", "alert"]

Kind = Literal["text", "prose", "number", "time", "code"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, already in words, with what puts it into proportion."""

    label: str
    value: str
    note: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; its kind decides how it is set."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are texts as they are shown, as many a row as there are columns."""

    columns: tuple[Column, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Panels:
    """A small chart each name: of every bucket a whole and a part of it."""

    buckets: list[date]
    panels: dict[str, dict[date, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar each label, with what is written at its end; tones tell which are to be noticed."""

    bars: list[tuple[str, int, str, Tone]]


@dataclass(frozen=True, slots=True)
class Hours:
    """Counts by ISO weekday (1 is Monday) and hour."""

    counts: dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Dots:
    """Counts by name and bucket."""

    buckets: list[date]
    counts: dict[str, dict[date, int]]


@dataclass(frozen=True, slots=True)
class Stack:
    """Counts of each bucket, in the order given, laid on each other; colours by name of a CSS variable."""

    buckets: list[date]
    layers: dict[str, dict[date, int]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A coverage state by line and bucket."""

    buckets: list[date]
    states: dict[str, dict[date, str]]


Chart = Panels | Bars | Hours | Dots | Stack | Calendar


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with what it says in words and its figures as a table; without figures there is no chart."""

    name: str
    title: str
    summary: str
    chart: Chart
    figures: Table
    legend: tuple[tuple[str, str], ...] = ()
    """Name of a CSS variable, and what is drawn in that colour."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows with the rule that chose them."""

    title: str
    rule: str
    table: Table
    empty: str
    """What to say where there is no row."""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One report."""

    name: str
    title: str
    question: str
    """What it answers."""
    headline: str
    """Its answer in a sentence."""
    figures: list[Figure]
    sections: list[Picture | Listing]

    @property
    def file(self) -> str:
        """Its name in the report's folder."""
        return f"{self.name}.html"


@dataclass(frozen=True, slots=True)
class Gap:
    """Neighbouring days that aren't complete, in words."""

    state: str
    days: str
    services: str
    organization: str
    held: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What all pages rest on, said at the top of each."""

    period: str
    days: str
    """How many."""
    as_of: str
    organizations: str
    is_complete: bool
    statement: str
    gaps: list[Gap]
    gaps_rule: str
    """How the gaps shown were chosen, where not all are."""
