"""Puts the figures of a run and of the coverage into words and tables; computes nothing that others don't."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from rich.table import Table

from insights_pipeline.cli.errors import in_one_sentence
from insights_pipeline.collector import Coverage, Lateness, Outcome, Unasked
from insights_pipeline.settings import Settings

_MOST_NAMES = 3

# Of each of three kinds, so that with the line of figures they fit a terminal of 24.
_MOST_LINES = 6


def coverage_line(days: Sequence[Coverage]) -> str:
    """`16 services × 7 days: 112 of 112 complete, 12,345 events`, organizations named where there are several."""
    orgs = len({day.org for day in days})
    services = len({day.service for day in days})
    dates = len({day.date for day in days})
    states = Counter(day.state for day in days)
    others = [f"{count:,} {state}" for state, count in sorted(states.items()) if state != "complete"]
    shape = f"{orgs} organizations × " if orgs > 1 else ""
    shape += f"{many(services, 'service')} × {many(dates, 'day')}"
    figures = [f"{states['complete']:,} of {len(days):,} complete", *others]
    return f"{shape}: {', '.join(figures)}, {sum(day.held_events for day in days):,} events"


def shortcomings(outcomes: Iterable[Outcome]) -> list[str]:
    """A line for each reason why days fell short, with what it struck; the one that struck most days first.

    Reasons that differ only in what was asked, which stands in brackets at their end, are one: the first is shown.
    """
    orgs: set[str] = set()
    struck: dict[tuple[bool, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        orgs.add(outcome.key.org)
        if outcome.failure is not None:
            struck[outcome.refused, outcome.failure.rpartition(" (")[0] or outcome.failure].append(outcome)
    return [
        f"{'Skipped' if refused else 'Short'}: {_struck(of_reason, one_of_several=len(orgs) > 1)}: "
        f"{in_one_sentence(of_reason[0].failure or '')}"
        for (refused, _), of_reason in sorted(struck.items(), key=lambda item: -len(item[1]))
    ]


def _struck(outcomes: Sequence[Outcome], *, one_of_several: bool) -> str:
    orgs, services = (sorted({getattr(outcome.key, part) for outcome in outcomes}) for part in ("org", "service"))
    where = [f"{many(len(orgs), 'organization')} ({some(orgs)})"] if one_of_several else []
    return ", ".join([*where, some(services), many(len(outcomes), "day")])


def first_lines(lines: Sequence[str]) -> list[str]:
    """Not so many that the figures below them leave the screen."""
    if len(lines) <= _MOST_LINES:
        return list(lines)
    return [
        *lines[: _MOST_LINES - 1],
        f"… and {len(lines) - _MOST_LINES + 1:,} more like these; --json names them all.",
    ]


def unasked_line(day: Unasked) -> str:
    """What JumpCloud has and nobody asked for."""
    services = ", ".join(f"{service} ({events:,})" for service, events in sorted(day.services.items()))
    named = f"{services}; name them in INSIGHTS_SERVICES" if services else "of services that it doesn't name"
    return (
        f"Drift: {day.org} {day.date}: JumpCloud counts {day.all_events:,} events for all services and "
        f"{day.asked_events:,} for those collected: {named}."
    )


def lateness_table(services: Sequence[Lateness]) -> Table:
    """One row a service: events held, those that came later than the first look, and how much later."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("service", "held", "later", "p50", "p90", "p99", "longest"):
        table.add_column(heading, justify="left" if heading == "service" else "right")
    for row in services:
        seconds = (row.p50_seconds, row.p90_seconds, row.p99_seconds, row.max_seconds)
        durations = [str(timedelta(seconds=number)) for number in seconds]
        table.add_row(row.service, f"{row.held_events:,}", f"{row.later_events:,}", *durations)
    return table


def settling_line(services: Sequence[Lateness], settings: Settings) -> str:
    """What the lateness means for the settings that wait for late events."""
    if not services:
        return "No event came later than the first look at its time; days that were looked at once can't tell."
    slowest = max(services, key=lambda row: row.p99_seconds)
    minutes = -(-slowest.p99_seconds // 60)
    return (
        f"99 of 100 of these events came within {minutes:,} minutes ({slowest.service}, the slowest service); "
        f"INSIGHTS_SETTLE_MINUTES is {settings.settle_minutes:,}, INSIGHTS_LOOKBACK_DAYS is {settings.lookback_days}."
    )


def some(names: Sequence[str]) -> str:
    """The first of them, not so many that the line breaks."""
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_NAMES - 1])} and {len(names) - _MOST_NAMES + 1} others"


def many(number: int, thing: str) -> str:
    """`1 day`, `2 days`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
