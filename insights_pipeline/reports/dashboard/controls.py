"""The controls: which view, and which filters, each kept in the page's address. What filters mean in SQL is `filters`' business."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from insights_pipeline.reports.dashboard.views import COVERAGE, COVERAGE_FIELDS, EVENT_LISTS, OUTCOMES, TITLES
from insights_pipeline.reports.filters import UNKNOWN_COUNTRY, Field, Filters

_FROM_TO = "From … to …"
_DAYS: dict[str, int | None] = {"Last day": 1, "Last 7 days": 7, "Last 30 days": 30, "Everything": None, _FROM_TO: None}
_DEFAULT_DAYS = list(_DAYS).index("Last 7 days")

_MOST_TYPED = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, and the last UTC day that holds an event."""

    orgs: Sequence[str]
    services: Sequence[str]
    event_types: Sequence[str]
    countries: Sequence[str]
    last_day: date


def chosen_view() -> str:
    """The view's name, from a row of buttons above everything."""
    # Not a segmented control: in the dark, no one colour has the contrast that its text and the filters' white one need.
    return st.radio(
        "View",
        list(TITLES),
        format_func=lambda name: TITLES[name],
        horizontal=True,
        key="view",
        label_visibility="collapsed",
        bind="query-params",
    )


def chosen_filters(choices: Choices, view: str) -> Filters:
    """From the controls; those that say nothing of the view's rows aren't shown, and keep what was chosen."""
    usable = COVERAGE_FIELDS if view == COVERAGE else EVENT_LISTS[view].filtered_by
    start, end = _chosen_time(choices.last_day)
    return Filters(
        start=start,
        end=end,
        orgs=_several("Organization", "org", choices.orgs, usable) if len(choices.orgs) > 1 else (),
        services=_several("Service", "service", choices.services, usable),
        event_types=_several("Event type", "event_type", choices.event_types, usable, key="type"),
        actor=_actor(usable),
        outcomes=_several("Outcome", "outcome", OUTCOMES, usable),
        countries=_several("Country", "country", [*choices.countries, UNKNOWN_COUNTRY], usable),
    )


def in_words(filters: Filters) -> str:
    """All that narrows the rows, for a line above them."""
    parts = [_time_in_words(filters)]
    parts += [
        f"{caption} {' or '.join(value or 'unknown' for value in values)}"
        for caption, values in (
            ("organization", filters.orgs),
            ("service", filters.services),
            ("event type", filters.event_types),
            ("outcome", filters.outcomes),
            ("country", filters.countries),
        )
        if values
    ]
    if filters.actor:
        parts.append(f"actor contains {filters.actor}")
    return " · ".join(parts)


def _time_in_words(filters: Filters) -> str:
    if filters.start is None and filters.end is None:
        return "Everything that is held"
    start = f"{filters.start:%Y-%m-%d %H:%M}" if filters.start else "the beginning"
    end = f"{filters.end:%Y-%m-%d %H:%M}" if filters.end else "the end"
    return f"{start} to {end} UTC"


def _chosen_time(last_day: date) -> tuple[datetime | None, datetime | None]:
    chosen = st.selectbox("Time", list(_DAYS), index=_DEFAULT_DAYS, key="time", bind="query-params")
    if chosen == _FROM_TO:
        step = timedelta(minutes=1)
        start = st.datetime_input("From (UTC)", None, key="from", step=step, format="YYYY-MM-DD", bind="query-params")
        end = st.datetime_input(
            "To (UTC), left out", None, key="to", step=step, format="YYYY-MM-DD", bind="query-params"
        )
        if start is not None and end is not None and start >= end:
            st.warning("From is not before to, so that nothing lies between them.")
        return _aware(start), _aware(end)
    days = _DAYS[chosen]
    if days is None:
        return None, None
    # Of the days that are held: a database that nobody has renewed for a while is not to look empty.
    end = datetime.combine(last_day + timedelta(days=1), time(), UTC)
    return end - timedelta(days=days), end


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _several(
    label: str, field: Field, options: Sequence[str], usable: Collection[Field], key: str | None = None
) -> tuple[str, ...]:
    if field not in usable:
        return ()
    key = key or field
    # What a link asks for stays asked for even where no row has it (any more): dropping it would show more than was asked.
    asked = st.session_state.get(key) or st.query_params.get_all(key)
    chosen = st.multiselect(
        label,
        [*options, *(value for value in asked if value not in options)],
        format_func=lambda value: value or "unknown",
        key=key,
        placeholder="Any",
        bind="query-params",
        persist_state="session",
    )
    return tuple(chosen)


def _actor(usable: Collection[Field]) -> str:
    if "actor" not in usable:
        return ""
    typed = st.text_input(
        "Actor",
        key="actor",
        max_chars=_MOST_TYPED,
        placeholder="Part of a name or address",
        bind="query-params",
        persist_state="session",
    )
    return typed.strip()
