"""Removes from the lake what nobody needs: dead fetches, writes that were cut short, days past the lake's own retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from insights_pipeline.collector.landing import remove_leftovers
from insights_pipeline.lake import DamagedManifest, DayKey, Lake

# A write lasts seconds, that of a large day a minute: what is a day old was cut short.
CUT_SHORT_AFTER = timedelta(days=1)


def remove_dead_fetches(lake: Lake, now: datetime) -> int:
    """Removes pages that no manifest names and temporary files that are a day old; gives how many files went.

    A service that is being collected is left for the next time, and a day whose manifest can't be read for good: its pages
    are all there is of it.
    """
    removed = lake.remove_temporary_files(now - CUT_SHORT_AFTER)
    for keys in _by_service(lake):
        with lake.held(keys[0].org, keys[0].service) as held:
            removed += sum(_leftovers(lake, key) for key in keys) if held else 0
    return removed


def remove_days_before(lake: Lake, first_kept: date) -> int:
    """Removes raw and typed days from before; gives how many went. The next build takes their rows out of the models."""
    removed = 0
    for keys in _by_service(lake):
        old = [key for key in keys if key.day < first_kept]
        if not old:
            continue
        with lake.held(old[0].org, old[0].service) as held:
            for key in old if held else ():
                # The manifest before its pages: a day without it counts as never fetched, not as damaged.
                lake.remove_folder(key.events_folder)
                lake.remove(key.manifest_file)
                lake.remove_folder(key.raw_folder)
                removed += 1
    return removed


def _leftovers(lake: Lake, key: DayKey) -> int:
    try:
        return remove_leftovers(lake, key, lake.manifest(key))
    except DamagedManifest:
        return 0


def _by_service(lake: Lake) -> Iterator[list[DayKey]]:
    for _, keys in groupby(lake.raw_days(), key=lambda key: (key.org, key.service)):
        yield list(keys)
