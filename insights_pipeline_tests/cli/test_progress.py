"""Progress tells how far, how fast and how long, and a summary fits a screen."""

from datetime import date

from insights_pipeline.cli.progress import day_line, progress_line
from insights_pipeline.cli.summary import first_lines
from insights_pipeline.collector import Outcome
from insights_pipeline.lake import DayKey


def test_the_time_left_is_that_of_the_pace_so_far() -> None:
    assert progress_line(30, 120, 6_000, 60) == (
        "Collecting: 30 of 120 days, 6,000 new events, 100/s, about 0:03:00 left"
    )


def test_nothing_is_foretold_from_nothing() -> None:
    assert progress_line(0, 120, 0, 30) == "Collecting: 0 of 120 days, 0 new events, 0/s"
    assert progress_line(1, 1, 5, 0.1) == "Collecting: 1 of 1 days, 5 new events"


def test_a_day_of_which_nothing_could_be_had_is_told_as_missing() -> None:
    outcome = Outcome(DayKey("self", "sso", date(2026, 3, 1)), manifest=None, failure="refused")
    assert day_line(outcome) == "self sso 2026-03-01: missing, 0 new events"


def test_many_lines_of_one_kind_are_cut_and_counted() -> None:
    lines = [f"line {number}" for number in range(90)]
    assert first_lines(lines[:6]) == lines[:6]
    assert first_lines(lines) == [*lines[:5], "… and 85 more like these; --json names them all."]
