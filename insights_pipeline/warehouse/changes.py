"""Which days have another file than the last build read; pure comparison, no file is opened."""

from __future__ import annotations

from collections.abc import Iterable

from insights_pipeline.lake import DayKey, EventsFile


def changed_days(
    found: Iterable[EventsFile], loaded: Iterable[EventsFile], unfinished: Iterable[DayKey] = ()
) -> list[DayKey]:
    """Days whose file is new, differs in size or time, or is gone, and days that a build began with and didn't finish.

    An unfinished build may have put rows of a file into some tables, so that its days count even where the file has
    gone again since.
    """
    now, before = ({file.key: file for file in files} for files in (found, loaded))
    differing = {key for key in now.keys() | before.keys() if now.get(key) != before.get(key)}
    return sorted(differing | set(unfinished))
