"""Texts of instants and the milliseconds that the API sorts and filters by. No clock is read here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def epoch_milliseconds(text: str) -> int:
    """The instant named by an RFC 3339 text, in milliseconds since 1970, finer digits cut off.

    Any number of fraction digits and any offset is understood. Raises ValueError for everything else, a
    trailing newline included, which the real service refuses too, and OverflowError for the ends of the calendar.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 date-time")
    day, clock, fraction, zone = match.groups()
    whole = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'Zz' else zone}")
    # Beyond the years 1 to 9999 no text could be written in UTC; that raises OverflowError here, not later.
    return milliseconds_of(whole.astimezone(UTC)) + int((fraction or "0").ljust(9, "0")[:3])


def milliseconds_of(instant: datetime) -> int:
    """An aware datetime in milliseconds since 1970, finer digits cut off."""
    return (instant - _EPOCH) // _MILLISECOND


def rfc3339_seconds(milliseconds: int, offset: timedelta = timedelta(0)) -> str:
    """The text of an instant to the second at an offset from UTC, which is written ``Z`` where it is none."""
    local = _EPOCH + milliseconds * _MILLISECOND + offset
    text = local.replace(tzinfo=None).isoformat(timespec="seconds")
    if not offset:
        return text + "Z"
    sign = "-" if offset < timedelta(0) else "+"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{text}{sign}{hours:02d}:{minutes:02d}"
