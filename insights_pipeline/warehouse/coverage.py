"""What the collector proved of a day, as the models read it. How it is proven is the collector's."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class CoverageDay(NamedTuple):
    """One organization, service and UTC day; the fields are the columns of the table `coverage`, times aware UTC."""

    org: str
    service: str
    date: dt.date
    state: str
    expected_events: int | None
    held_events: int
    late_events: int
    counted_at: dt.datetime | None
    fetched_at: dt.datetime | None
    expires_on: dt.date | None
