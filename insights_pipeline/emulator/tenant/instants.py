"""The ways in which the services write an instant. Instants are whole nanoseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

NANOSECONDS = 1_000_000_000


def start_of(day: date) -> int:
    """The first nanosecond of a UTC day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * NANOSECONDS


@lru_cache(maxsize=4096)
def _to_the_second(seconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def whole_seconds(instant: int) -> str:
    """``2026-02-22T01:00:52Z``: radius always, sso since 2026."""
    return _to_the_second(instant // NANOSECONDS) + "Z"


def milliseconds(instant: int) -> str:
    """``2026-02-22T01:00:52.203Z``: the directory and most others."""
    return f"{_to_the_second(instant // NANOSECONDS)}.{instant % NANOSECONDS // 1_000_000:03d}Z"


def nanoseconds(instant: int) -> str:
    """``2026-02-22T01:00:52.203069740Z``: mdm, always nine digits."""
    return f"{_to_the_second(instant // NANOSECONDS)}.{instant % NANOSECONDS:09d}Z"


def trimmed_nanoseconds(instant: int) -> str:
    """``2026-02-22T01:00:52.20306974Z``: sso until 2025, up to nine digits with the zeros at the end cut off."""
    fraction = f"{instant % NANOSECONDS:09d}".rstrip("0")
    return _to_the_second(instant // NANOSECONDS) + (f".{fraction}Z" if fraction else "Z")


def local_time(instant: int, offset: timedelta) -> str:
    """``2026-02-22T06:30:52+05:30``: a device's own clock."""
    local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant // NANOSECONDS) + offset
    sign = "-" if offset < timedelta(0) else "+"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{hours:02d}:{minutes:02d}"
