"""The page's pictures, from rows that are grouped already. Vega draws them in the browser; nothing is asked here."""

from __future__ import annotations

from typing import Literal

import altair as alt
import pyarrow as pa

from insights_pipeline.reports.dashboard.questions import Bucket
from insights_pipeline.reports.dashboard.views import STATES

# Okabe and Ito's colours, which stay apart for nearly every eye.
_COLOURS = {
    "success": "#0072B2",
    "failure": "#D55E00",
    "unknown": "#8a8a8a",
    "weakens": "#D55E00",
    "strengthens": "#009E73",
    "neutral": "#0072B2",
    "active": "#D55E00",
    "quiet": "#E69F00",
    "all": "#0072B2",
    "missing": "#D55E00",
    "short": "#CC79A7",
    "over": "#E69F00",
    "unverified": "#F0E442",
    "expired": "#8a8a8a",
    "open": "#56B4E9",
    "complete": "#009E73",
}

_BAR_HEIGHT = 220


def bars(rows: pa.Table, bucket: Bucket, unit: str) -> alt.Chart:
    """Rows over time, stacked by kind."""
    form = "%Y-%m-%d %H:%M" if bucket == "hour" else "%Y-%m-%d"
    unit_of_time: Literal["utcyearmonthdatehours", "utcyearmonthdate"] = (
        "utcyearmonthdatehours" if bucket == "hour" else "utcyearmonthdate"
    )
    grouped = rows.group_by(["at", "kind"]).aggregate([("rows", "sum")]).to_pandas()
    kinds = sorted(grouped["kind"].unique())
    chart: alt.Chart = (
        alt.Chart(grouped, height=_BAR_HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("at:T", timeUnit=unit_of_time, title=None),
            y=alt.Y("rows_sum:Q", title=unit),
            color=_colour("kind", kinds, legend=len(kinds) > 1),
            tooltip=[
                alt.Tooltip("at:T", timeUnit=unit_of_time, format=form, title="UTC"),
                alt.Tooltip("kind:N", title="kind"),
                alt.Tooltip("rows_sum:Q", title=unit, format=","),
            ],
        )
    )
    return chart


def callers_by_day(rows: pa.Table) -> alt.Chart:
    """Old keys' callers that are still there, day by day."""
    chart: alt.Chart = (
        alt.Chart(rows.to_pandas(), height=_BAR_HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("date:T", timeUnit="utcyearmonthdate", title=None),
            y=alt.Y("callers:Q", title="callers", axis=alt.Axis(tickMinStep=1)),
            color=_colour("status", ["active", "quiet"]),
            tooltip=[
                alt.Tooltip("date:T", timeUnit="utcyearmonthdate", format="%Y-%m-%d", title="day"),
                "status:N",
                "callers:Q",
            ],
        )
    )
    return chart


def calendar(rows: pa.Table) -> alt.Chart:
    """The state of each service on each day."""
    days = rows.to_pandas()
    chart: alt.Chart = (
        alt.Chart(days, height=alt.Step(20))
        .mark_rect()
        .encode(
            x=alt.X("date:T", timeUnit="utcyearmonthdate", title=None),
            y=alt.Y("service:N", title=None, axis=alt.Axis(labelLimit=0)),
            color=_colour("state", [state for state in STATES if state in set(days["state"])]),
            tooltip=[
                alt.Tooltip("date:T", timeUnit="utcyearmonthdate", format="%Y-%m-%d", title="day"),
                "service:N",
                "state:N",
                alt.Tooltip("held_events:Q", format=",", title="events held"),
            ],
        )
    )
    return chart


def _colour(column: str, values: list[str], *, legend: bool = True) -> alt.Color:
    return alt.Color(
        f"{column}:N",
        scale=alt.Scale(domain=values, range=[_COLOURS[value] for value in values]),
        legend=alt.Legend(orient="top", title=None) if legend else None,
    )
