"""Puts the figures of a run and of the coverage into words and tables; computes nothing that others don't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from insights_pipeline.collector import Coverage

_TEXTS = {"org", "service", "other states"}


def coverage_line(days: Sequence[Coverage]) -> str:
    """`16 services × 7 days: 112 of 112 complete, 12,345 events`, organizations named where there are several."""
    orgs = len({day.org for day in days})
    services = len({day.service for day in days})
    dates = len({day.date for day in days})
    states = Counter(day.state for day in days)
    others = [f"{count:,} {state}" for state, count in sorted(states.items()) if state != "complete"]
    shape = f"{orgs} organizations × " if orgs > 1 else ""
    shape += f"{_many(services, 'service')} × {_many(dates, 'day')}"
    figures = [f"{states['complete']:,} of {len(days):,} complete", *others]
    return f"{shape}: {', '.join(figures)}, {sum(day.held_events for day in days):,} events"


def coverage_table(days: Sequence[Coverage]) -> Table:
    """One row an organization and service: days by state, events expected, held and late."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("org", "service", "days", "complete", "other states", "expected", "held", "late"):
        table.add_column(heading, justify="left" if heading in _TEXTS else "right")
    for org, service in sorted({(day.org, day.service) for day in days}):
        rows = [day for day in days if (day.org, day.service) == (org, service)]
        states = Counter(day.state for day in rows)
        table.add_row(
            org,
            service,
            f"{len(rows):,}",
            f"{states.pop('complete', 0):,}",
            ", ".join(f"{count:,} {state}" for state, count in sorted(states.items())),
            f"{sum(day.expected_events or 0 for day in rows):,}",
            f"{sum(day.held_events for day in rows):,}",
            f"{sum(day.late_events for day in rows):,}",
        )
    return table


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
