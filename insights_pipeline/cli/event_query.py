"""What `insights events` was asked, as the API takes it: instants, conditions, services. Nothing is sent from here."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.collector.window import Window
from insights_pipeline.jumpcloud import EventQuery, SearchTerm
from insights_pipeline.settings import Settings

Value = str | int | float | bool


def first_instant(text: str) -> datetime:
    """The instant that is written, or the first one of the UTC day; raises UsageMistake."""
    return _midnight(text) or _instant(text)


def end_instant(text: str) -> datetime:
    """The instant that is written, or the first one after the UTC day; raises UsageMistake."""
    midnight = _midnight(text)
    return _instant(text) if midnight is None else midnight + timedelta(days=1)


def window_of(start: datetime, end: datetime | None, settings: Settings, now: datetime) -> Window:
    """`[start, end)` as far as it can hold anything: until now at the latest. Raises UsageMistake for none."""
    now = now.replace(microsecond=0)
    if end is not None and start >= end:
        raise UsageMistake(f"--from {start:%Y-%m-%dT%H:%M:%SZ} is not before --to {end:%Y-%m-%dT%H:%M:%SZ}: swap them.")
    if start >= now:
        raise UsageMistake(f"--from {start:%Y-%m-%dT%H:%M:%SZ} is in the future: it is {now:%Y-%m-%dT%H:%M:%SZ}.")
    window = Window(start, min(end or now, now))
    if window.end <= now - timedelta(days=settings.retention_days):
        raise UsageMistake(
            f"--to {window.end:%Y-%m-%dT%H:%M:%SZ} is past retention, JumpCloud holds {settings.retention_days} days: "
            "ask the lake instead, with `insights query`."
        )
    return window


def query_of(services: Sequence[str], window: Window, conditions: Sequence[str]) -> EventQuery:
    """The query for `--service`, each one name or several with commas, and `--where`; raises UsageMistake."""
    names = tuple(dict.fromkeys(name.strip() for text in services for name in text.split(",") if name.strip()))
    try:
        return EventQuery(names, window.start, window.end, search_term=search_term(conditions))
    except ValueError as error:
        raise UsageMistake(str(error)) from None


def search_term(conditions: Sequence[str]) -> SearchTerm | None:
    """All of the fields named, any of the values given for one; None without conditions.

    `true`, `false` and numbers are sent as such and anything else as text, which quotes make of those as well. Raises
    UsageMistake for what is no condition, ValueError for a field that JumpCloud can't search by.
    """
    fields: dict[str, list[Value]] = defaultdict(list)
    for condition in conditions:
        field, _, value = condition.partition("=")
        if not field or not value:
            raise UsageMistake('Each --where needs a field and a value, as in success=false; "" is the empty text.')
        fields[field].append(_value(value))
    return SearchTerm.all_of(fields) if fields else None


def _value(text: str) -> Value:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    is_scalar = isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_scalar else text


def _midnight(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return None


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageMistake(
            f"{text!r} is neither a day nor an instant: write it in UTC as 2026-11-01 or 2026-11-01T10:00, "
            "or with its offset as 2026-11-01T11:00+01:00."
        ) from None
    if moment.microsecond % 1000:
        raise UsageMistake(f"{text!r} is finer than JumpCloud compares: write milliseconds at most.")
    return moment
