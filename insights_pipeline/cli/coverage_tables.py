"""The coverage as tables for a terminal, bounded however many organizations there are; computes nothing that others don't."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Literal

from rich.table import Table

from insights_pipeline.cli.summary import many, some
from insights_pipeline.collector import Coverage

# With the lines around them they fit a terminal of 24 to 30.
MOST_ROWS = 20

_TEXTS = {"org", "service", "other states"}
_FIGURES = ("days", "complete", "other states", "expected", "held", "late")


def services_table(days: Sequence[Coverage]) -> Table:
    """One row an organization and service: days by state, events expected, held and late. A single organization stands above."""
    groups: dict[tuple[str, str], list[Coverage]] = defaultdict(list)
    for day in days:
        groups[day.org, day.service].append(day)
    orgs = {org for org, _ in groups}
    several = len(orgs) > 1
    table = _table(*(("org",) if several else ()), "service", *_FIGURES)
    if not several:
        table.title, table.title_justify = "".join(orgs), "left"
    for (org, service), rows in sorted(groups.items()):
        table.add_row(*((org,) if several else ()), service, *_figures(rows))
    return _keep_whole(table, {"org", "service"})


def organizations_table(days: Sequence[Coverage]) -> tuple[Table, str]:
    """One row an organization, those with most days that aren't complete first, and a line on those left out."""
    table = _table("org", *_FIGURES)
    groups: dict[str, list[Coverage]] = defaultdict(list)
    for day in days:
        groups[day.org].append(day)
    ordered = sorted(groups.items(), key=lambda item: (-_incomplete(item[1]), item[0]))
    for org, rows in ordered[:MOST_ROWS]:
        table.add_row(org, *_figures(rows))
    rest = ordered[MOST_ROWS:]
    unsound = sum(_incomplete(rows) > 0 for _, rows in rest)
    left = f"… and {many(len(rest), 'organization')} more, {unsound:,} of them not complete. " if rest else ""
    return _keep_whole(table, {"org"}), f"{left}--org shows one by service, --json all days."


def expiring_table(days: Sequence[Coverage]) -> tuple[Table, str]:
    """One row an organization and day, in the order given: when it is deleted, and the services by state; and a line on
    those left out, empty where none is."""
    table = _table("deleted on", "org", "date", "services", texts=True)
    groups = [(key, list(of_day)) for key, of_day in groupby(days, key=lambda day: (day.expires_on, day.org, day.date))]
    for (expires_on, org, date), of_day in groups[:MOST_ROWS]:
        by_state: dict[str, list[str]] = {}
        for day in of_day:
            by_state.setdefault(day.state, []).append(day.service)
        services = "; ".join(f"{state}: {some(names)}" for state, names in by_state.items())
        table.add_row(expires_on.isoformat(), org, date.isoformat(), services)
    rest = groups[MOST_ROWS:]
    orgs = len({org for (_, org, _), _ in rest})
    return _keep_whole(
        table, {"org"}
    ), f"… and {many(len(rest), 'row')} more, of {many(orgs, 'organization')}." if rest else ""


def _table(*headings: str, texts: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        justify: Literal["left", "right"] = "left" if texts or heading in _TEXTS else "right"
        table.add_column(heading, justify=justify)
    return table


def _keep_whole(table: Table, headings: Collection[str]) -> Table:
    """Columns that are cut in no terminal, because people copy what is in them: others wrap."""
    for column in table.columns:
        if column.header in headings:
            column.no_wrap = True
            column.min_width = max((len(str(cell)) for cell in column.cells), default=0)
    return table


def _figures(rows: Sequence[Coverage]) -> list[str]:
    states = Counter(day.state for day in rows)
    return [
        f"{len(rows):,}",
        f"{states.pop('complete', 0):,}",
        ", ".join(f"{count:,} {state}" for state, count in sorted(states.items())),
        f"{sum(day.expected_events or 0 for day in rows):,}",
        f"{sum(day.held_events for day in rows):,}",
        f"{sum(day.late_events for day in rows):,}",
    ]


def _incomplete(rows: Sequence[Coverage]) -> int:
    return sum(day.state not in ("complete", "open") for day in rows)
