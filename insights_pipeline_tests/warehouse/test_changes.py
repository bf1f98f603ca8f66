"""Which days are read again."""

from __future__ import annotations

from datetime import date

from insights_pipeline.lake import DayKey, EventsFile
from insights_pipeline.warehouse.changes import changed_days

ONE, TWO, THREE = (DayKey("self", "sso", date(2026, 3, day)) for day in (1, 2, 3))


def test_new_changed_and_gone_files_are_changed_days_and_equal_ones_are_not() -> None:
    loaded = [EventsFile(ONE, 10, "1"), EventsFile(TWO, 10, "1")]
    assert changed_days(loaded, loaded) == []
    assert changed_days([*loaded, EventsFile(THREE, 5, "1")], loaded) == [THREE]
    assert changed_days([EventsFile(ONE, 11, "1"), EventsFile(TWO, 10, "2")], loaded) == [ONE, TWO]
    assert changed_days([], loaded) == [ONE, TWO]


def test_days_of_an_unfinished_build_are_read_again_even_where_their_file_has_gone() -> None:
    assert changed_days([], [], unfinished=[THREE]) == [THREE]
