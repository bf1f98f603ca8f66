"""The days that a report covers, and the buckets its charts over time are drawn in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from insights_pipeline.reports.errors import ReportError

DEFAULT_DAYS = 30

Step = Literal["day", "week", "month"]

# More columns than this can't be told apart on a page, and would make it heavy: two months of days, or 62 weeks.
MOST_BUCKETS = 62


@dataclass(frozen=True, slots=True)
class Known:
    """What the database's coverage tells of days; None where there is no such day."""

    first_day: date | None
    last_day: date | None
    first_fetched: date | None
    last_fetched: date | None
    last_closed: date | None
    """The last fetched day of which nothing is open."""


@dataclass(frozen=True, slots=True)
class Period:
    """UTC days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def step(self) -> Step:
        """What a chart over time counts by: the finest that gives no more than `MOST_BUCKETS`."""
        if self.days <= MOST_BUCKETS:
            return "day"
        return "week" if self.days <= 7 * MOST_BUCKETS else "month"

    def buckets(self) -> list[date]:
        """First day of every bucket, as DuckDB's date_trunc has it: weeks begin on Monday."""
        days = (self.first + timedelta(days=number) for number in range(self.days))
        return list(dict.fromkeys(_start(day, self.step) for day in days))


def check_order(first: date | None, last: date | None) -> None:
    """Raises ReportError where the first day comes after the last."""
    if first is not None and last is not None and first > last:
        raise ReportError(f"--from {first} is after --to {last}: swap them.")


def period_of(first: date | None, last: date | None, known: Known) -> Period:
    """The days asked for; by default the 30 that end with the last day that is over. Raises ReportError.

    A day that isn't over is reported only if it is asked for, or if there is no other: what it says will change.
    """
    if known.first_day is None or known.last_day is None:
        raise ReportError(
            "The published database covers no day yet, so there is nothing to report: run `insights run` first."
        )
    check_order(first, last)
    for option, day in (("--from", first), ("--to", last)):
        if day is not None and not known.first_day <= day <= known.last_day:
            raise ReportError(
                f"{option} {day} is outside of what the published database covers: give a day from {known.first_day} "
                f"to {known.last_day}, or run `insights run` for that day first."
            )
    end = last or _default_last(first or known.first_day, known, known.last_day)
    begin = first or max(end - timedelta(days=DEFAULT_DAYS - 1), min(known.first_fetched or known.first_day, end))
    return Period(begin, end)


def _default_last(first: date, known: Known, last_day: date) -> date:
    candidates = (known.last_closed, known.last_fetched)
    return next((day for day in candidates if day is not None and day >= first), last_day)


def _start(day: date, step: Step) -> date:
    if step == "day":
        return day
    return day - timedelta(days=day.weekday()) if step == "week" else day.replace(day=1)
