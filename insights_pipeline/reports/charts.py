"""Each kind of chart in Altair, for a width in pixels. Colours are CSS variables, so that one drawing suits light and dark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import singledispatch
from math import ceil, pi, sqrt
from typing import Any

import altair as alt

from insights_pipeline.reports.page import Bars, Calendar, Dots, Hours, Panels, Stack
from insights_pipeline.reports.period import Step
from insights_pipeline.reports.wording import compact

WIDE = 1100
NARROW = 340

HEAT_LEVELS = 5

_WIDEST_BAR = 56

SYMBOLS = {
    "complete": "",
    "short": "−",
    "over": "+",
    "open": "…",
    "unverified": "?",
    "missing": "×",
    "expired": "†",
}
"""Of a coverage state, so that none is told by its colour alone."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart


@singledispatch
def draw(chart: object, width: int, step: Step) -> AnyChart:
    """The chart `width` pixels wide; `step` is what its buckets are."""
    raise TypeError(f"no drawing of {type(chart).__name__}")


def themed(chart: AnyChart) -> AnyChart:
    """With the pages' type and rules, and nothing that a screen reader would read: the page says it in words."""
    configured: AnyChart = chart.configure(
        background="transparent",
        font=_FONT,
        aria=False,
        padding=2,
        axis=alt.AxisConfig(
            domain=False,
            ticks=False,
            gridColor="var(--rule)",
            labelColor="var(--ink-soft)",
            labelFontSize=12,
            labelPadding=6,
            title=None,
        ),
        axisX=alt.AxisConfig(grid=False),
        view=alt.ViewConfig(stroke=None),
        header=alt.HeaderConfig(
            title=None, labelColor="var(--ink)", labelFontSize=13, labelFontWeight=600, labelAnchor="start"
        ),
        text=alt.MarkConfig(font=_FONT, fontSize=12),
    )
    return configured


@draw.register
def _(chart: Panels, width: int, step: Step) -> AnyChart:
    columns = 3 if width == WIDE else 1
    values = [
        {"name": name, "bucket": str(day), "all": whole, "part": part}
        for name, counts in chart.panels.items()
        for day, (whole, part) in counts.items()
    ]
    extent = 36
    counts = _count_axis(3, minExtent=extent, maxExtent=extent)
    gap = 20
    panel = (width - 4 - gap * (columns - 1)) / columns - extent - 6
    base = alt.Chart().encode(x=_time_axis(chart.buckets, step, panel))
    whole = base.mark_bar(color="var(--series)").encode(y=alt.Y("all:Q", axis=counts))
    part = base.mark_bar(color="var(--alert-mark)").encode(y=alt.Y("part:Q", axis=counts))
    panels: AnyChart = (
        alt.layer(whole, part)
        .properties(width=panel, height=84)
        .facet(facet=alt.Facet("name:N", sort=list(chart.panels)), columns=columns, data=_data(values), spacing=gap)
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
    )
    return panels


@draw.register
def _(chart: Bars, width: int, step: Step) -> AnyChart:
    values = [
        {"label": label, "value": value, "end": end, "tone": tone, "place": at}
        for at, (label, value, end, tone) in enumerate(chart.bars)
    ]
    most = max((value for _, value, _, _ in chart.bars), default=1)
    names = [label for label, *_ in chart.bars]
    plot = width - _extent(names, width)
    # What stands at a bar's end needs room too.
    room = 8 * max((len(end) for _, _, end, _ in chart.bars), default=0) + 8
    base = alt.Chart(_data(values)).encode(
        y=alt.Y(
            "label:N",
            sort=names,
            axis=_name_axis(names, width, grid=False),
        ),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, most * plot / (plot - room)], nice=False)),
    )
    bars = base.mark_bar(height=16, cornerRadiusEnd=2).encode(color=_tone_colour())
    ends = base.mark_text(align="left", dx=6, color="var(--ink-soft)").encode(text="end:N")
    return _fitted(alt.layer(bars, ends), width, 28 * len(chart.bars))


@draw.register
def _(chart: Hours, width: int, step: Step) -> AnyChart:
    most = max(chart.counts.values(), default=0)
    values = [
        {"day": day, "hour": f"{hour:02}", "level": level(count, most), "text": compact(count) if count else ""}
        for number, day in enumerate(WEEKDAYS, start=1)
        for hour in range(24)
        for count in [chart.counts.get((number, hour), 0)]
    ]
    days = {"field": "day", "type": "ordinal", "sort": list(WEEKDAYS)}
    hours = {"field": "hour", "type": "ordinal"}
    upright = width == WIDE
    across, down = (hours, days) if upright else (days, hours)
    base = alt.Chart(_data(values)).encode(
        x=alt.X(**across, axis=alt.Axis(orient="top", labelAngle=0), scale=alt.Scale(padding=0)),
        y=alt.Y(**down, axis=alt.Axis(grid=False), scale=alt.Scale(padding=0)),
    )
    cells = base.mark_rect(stroke="var(--paper)", strokeWidth=2, cornerRadius=3).encode(
        color=_ordinal_colour("level:O", [f"var(--heat-{at})" for at in range(HEAT_LEVELS + 1)])
    )
    texts = base.mark_text(fontSize=11).encode(
        text="text:N",
        color=_ordinal_colour("level:O", [f"var(--heat-ink-{at})" for at in range(HEAT_LEVELS + 1)]),
    )
    layers = alt.layer(cells, texts).resolve_scale(color="independent")
    return _fitted(layers, width, 7 * 34 if upright else 24 * 24)


@draw.register
def _(chart: Dots, width: int, step: Step) -> AnyChart:
    values: list[dict[str, Any]] = [
        {"name": name, "bucket": str(day), "count": count, "text": compact(count)}
        for name, counts in chart.counts.items()
        for day, count in counts.items()
    ]
    most = max((value["count"] for value in values), default=1)
    names = list(chart.counts)
    width = _no_wider(width, names, len(chart.buckets))
    # A dot no wider than its column; with its number inside where that can be read.
    largest = min(max((width - _extent(names, width)) / max(len(chart.buckets), 1), 8), 32)
    is_numbered = largest >= 20
    smallest = 16 if is_numbered else 6
    base = alt.Chart(_data(values)).encode(
        x=_time_axis(chart.buckets, step, width - _extent(names, width)),
        y=alt.Y("name:N", sort=names, axis=_name_axis(names, width, gridDash=[1, 3], offset=largest / 2)),
    )
    dots = base.mark_circle(color="var(--alert-mark)", opacity=1).encode(
        size=alt.Size(
            "count:Q", legend=None, scale=alt.Scale(domain=[1, max(most, 2)], range=[_area(smallest), _area(largest)])
        )
    )
    layers: list[alt.Chart] = [dots]
    if is_numbered:
        layers.append(base.mark_text(color="var(--on-alert)", fontSize=10).encode(text="text:N"))
    return _fitted(alt.layer(*layers), width, 36 * len(chart.counts))


@draw.register
def _(chart: Stack, width: int, step: Step) -> AnyChart:
    names = list(chart.layers)
    width = _no_wider(width, [""], len(chart.buckets))
    values = [
        {"name": name, "bucket": str(day), "count": count, "layer": at}
        for at, (name, counts) in enumerate(chart.layers.items())
        for day, count in counts.items()
    ]
    bars = (
        alt.Chart(_data(values))
        .mark_bar()
        .encode(
            x=_time_axis(chart.buckets, step, width),
            y=alt.Y("count:Q", axis=_count_axis(5), stack="zero"),
            color=_ordinal_colour("name:N", [f"var(--{name})" for name in names], names),
            order=alt.Order("layer:Q"),
        )
    )
    return _fitted(bars, width, 220)


@draw.register
def _(chart: Calendar, width: int, step: Step) -> AnyChart:
    values = [
        {"line": line, "bucket": str(day), "state": state, "symbol": SYMBOLS[state]}
        for line, states in chart.states.items()
        for day, state in states.items()
    ]
    names, lines = list(SYMBOLS), list(chart.states)
    width = _no_wider(width, lines, len(chart.buckets))
    base = alt.Chart(_data(values)).encode(
        x=_time_axis(chart.buckets, step, width - _extent(lines, width), orient="top", padding=0),
        y=alt.Y(
            "line:N",
            sort=lines,
            axis=_name_axis(lines, width, grid=False),
            scale=alt.Scale(padding=0),
        ),
    )
    cells = base.mark_rect(stroke="var(--paper)", strokeWidth=1.5).encode(
        color=_ordinal_colour("state:N", [f"var(--state-{name})" for name in names], names)
    )
    layers: list[alt.Chart] = [cells]
    if (width - _extent(lines, width)) / max(len(chart.buckets), 1) >= 7:
        symbols = base.mark_text(fontSize=11, fontWeight=700).encode(
            text="symbol:N",
            color=_ordinal_colour("state:N", [f"var(--state-ink-{name})" for name in names], names),
        )
        layers.append(symbols.transform_filter(alt.datum.symbol != ""))
    return _fitted(alt.layer(*layers).resolve_scale(color="independent"), width, 22 * len(lines))


def level(count: int, most: int) -> int:
    """0 for none, then 1 to 5: by the square root, so that a busy hour doesn't pale all the others."""
    return 0 if count == 0 else ceil(HEAT_LEVELS * sqrt(count / most))


def labels_of(buckets: Sequence[date], step: Step) -> dict[str, str]:
    """What stands under each bucket, by its ISO date; the year where it is the first of its kind."""
    if step == "month":
        return {str(day): f"{day:%b %Y}" for day in buckets}
    years = len({day.year for day in buckets}) > 1
    return {str(day): f"{day.day} {day:%b %Y}" if years else f"{day.day} {day:%b}" for day in buckets}


def marked(buckets: Sequence[date], most: int) -> list[str]:
    """The buckets that get a label: the last, and evenly before it, no more than `most`."""
    every = ceil(len(buckets) / most)
    return [str(day) for day in list(reversed(buckets))[::every]][::-1] if buckets else []


def _time_axis(
    buckets: Sequence[date], step: Step, width: float, *, orient: Any = "bottom", padding: float | None = None
) -> alt.X:
    # Texts, not times: Vega would take a date for one of the machine's own time zone.
    texts = labels_of(buckets, step)
    axis = alt.Axis(
        values=marked(buckets, int(width // (9 * max(map(len, texts.values()), default=1) + 12)) or 1),
        labelExpr=f"({json.dumps(texts)})[datum.value]",
        labelAngle=0,
        labelOverlap=False,
        orient=orient,
    )
    domain = [str(day) for day in buckets]
    if padding is None:
        # A bar of one day isn't a wall.
        padding = max(0.15, 1 - _WIDEST_BAR * max(len(buckets), 1) / width)
    return alt.X("bucket:O", axis=axis, scale=alt.Scale(domain=domain, padding=padding))


def _count_axis(ticks: int, **others: Any) -> alt.Axis:
    # Vega forgets the least step where a panel has a scale of its own, and would write that half a person signed in.
    whole = "datum.value % 1 ? '' : datum.label"
    return alt.Axis(tickCount=ticks, tickMinStep=1, format="~s", labelExpr=whole, **others)


def _name_axis(names: Sequence[str], width: int, **others: Any) -> alt.Axis:
    extent = _extent(names, width)
    return alt.Axis(labelLimit=extent, minExtent=extent, maxExtent=extent, labelColor="var(--ink)", **others)


def _extent(names: Sequence[str], width: int) -> int:
    """Room for names in pixels: the reader's font is wider than the one that Vega measures by, at most this much."""
    return min(max((ceil(7.6 * len(name)) for name in names), default=0) + 6, 250 if width > NARROW else 150)


def _no_wider(width: int, names: Sequence[str], columns: int) -> int:
    """Few columns make a chart narrow rather than its columns broad."""
    return min(width, max(_extent(names, width) + 64 * columns, NARROW))


def _area(diameter: float) -> float:
    return pi / 4 * diameter**2


def _tone_colour() -> alt.Color:
    tones = ["plain", "quiet", "good", "caution", "alert"]
    colours = ["var(--series)", *(f"var(--{tone}-mark)" for tone in tones[1:])]
    return _ordinal_colour("tone:N", colours, tones)


def _ordinal_colour(field: str, colours: list[str], names: list[str] | None = None) -> alt.Color:
    domain: list[Any] = list(range(len(colours))) if names is None else list(names)
    return alt.Color(field, legend=None, scale=alt.Scale(domain=domain, range=colours))


def _fitted(chart: Any, width: int, height: int) -> AnyChart:
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    fitted: AnyChart = chart.properties(width=width - 4, height=height, autosize=autosize)
    return fitted


def _data(values: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=values)
