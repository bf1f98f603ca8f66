"""The page, as Streamlit runs it from top to bottom whenever a reader changes something: `page.py HOME`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from insights_pipeline.reports.dashboard import charts, questions
from insights_pipeline.reports.dashboard.answers import Answers, identity
from insights_pipeline.reports.dashboard.controls import Choices, chosen_filters, chosen_view, in_words
from insights_pipeline.reports.dashboard.tables import offer_csv, row_picked, show_rows
from insights_pipeline.reports.dashboard.views import COVERAGE, EVENT_LISTS, EventList
from insights_pipeline.reports.filters import Filters
from insights_pipeline.warehouse import WarehouseError, published_file

_SECONDS_BETWEEN_LOOKS = 5
"""How soon a page that is open shows what was published meanwhile."""


# An image of our own: Streamlit has the browser fetch named icons and emojis for this from a server of Google's.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0072B2"/>'
    '<path d="M4 12V8M8 12V4M12 12V6" stroke="white" stroke-width="2"/></svg>'
)


def show(home: Path) -> None:
    """The whole page."""
    st.set_page_config(page_title="Insights", page_icon=_ICON, layout="wide", menu_items={})
    st.title("Directory Insights", anchor=False)
    file = identity(home)
    _watch(home, file)
    if file is None:
        st.info("There is no published database yet. `insights run` makes one, and this page will show it.")
        st.text(str(published_file(home)))
        return
    try:
        _show_database(Answers(home, file))
    except WarehouseError as error:
        st.error("This can't be answered. If the page doesn't mend itself, run `insights doctor`.")
        st.text(str(error))


def _watch(home: Path, shown: object) -> None:
    """Runs the page again when another file was published."""

    @st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
    def look() -> None:
        if identity(home) != shown:
            st.rerun(scope="app")

    look()


def _show_database(answers: Answers) -> None:
    view = chosen_view()
    (last,) = answers.rows(questions.last_day()).to_pylist()
    if last["last_day"] is None:
        st.info("Nothing is known of any day yet: `insights run` fetches events.")
        return
    (choices,) = answers.rows(questions.choices()).to_pylist()
    with st.sidebar:
        st.header("Filters", anchor=False)
        filters = chosen_filters(Choices(**choices, **last), view)
        st.text("The address of this page keeps view and filters: copy it to come back or to pass it on.")
    st.text(in_words(filters))
    if view == COVERAGE:
        _show_coverage(answers, filters)
    else:
        _show_list(answers, view, filters)


def _show_list(answers: Answers, view: str, filters: Filters) -> None:
    shown = EVENT_LISTS[view]
    _show_completeness(answers, filters)
    over_time = answers.rows(questions.over_time(shown, filters))
    by_day = questions.day_totals(zip(over_time["day"].to_pylist(), over_time["rows"].to_pylist(), strict=True))
    total = sum(by_day.values())
    if view == "old-api-keys":
        _show_callers(answers, filters)
    _show_figures(answers, shown, filters, over_time, total)
    if total == 0:
        st.info(f"There are no {shown.rows} for these filters.")
        return
    st.altair_chart(charts.bars(over_time, questions.bucket_of(filters), shown.rows), alt=f"{shown.title} over time")
    rows = answers.rows(questions.newest(shown, filters, by_day, questions.MOST_ROWS_SHOWN))
    picked = _pick_event(view, filters, rows, total)
    most = questions.MOST_ROWS_DOWNLOADED
    offer_csv(
        "Download as CSV" if total <= most else f"Download the newest {most:,} as CSV",
        view,
        lambda: answers.unremembered(questions.newest(shown, filters, by_day, most)),
    )
    if picked is not None:
        _show_event(answers, picked)


def _show_completeness(answers: Answers, filters: Filters) -> None:
    states = answers.rows(questions.coverage_states(filters)).to_pylist()
    days = {row["state"]: row["days"] for row in states}
    short = {state: number for state, number in days.items() if state != "complete"}
    if short:
        named = ", ".join(f"{number:,} {state}" for state, number in short.items())
        st.warning(
            f"Of {sum(days.values()):,} days of services {days.get('complete', 0):,} are proven complete; the others are: "
            f"{named}. What lies on them may be missing here: see Coverage."
        )


def _show_figures(answers: Answers, shown: EventList, filters: Filters, over_time: pa.Table, total: int) -> None:
    if shown.figures:
        (figures,) = answers.rows(questions.figures(shown, filters)).to_pylist()
    else:
        figures = {shown.rows.capitalize(): total, "Services": len(set(over_time["service"].to_pylist()))}
        for kind in sorted(set(over_time["kind"].to_pylist())):
            figures[kind.capitalize()] = sum(row["rows"] for row in over_time.to_pylist() if row["kind"] == kind)
    with st.container(horizontal=True):
        for caption, number in figures.items():
            st.metric(caption, f"{number:,}", border=True, width="content")


def _pick_event(view: str, filters: Filters, rows: pa.Table, total: int) -> dict[str, Any] | None:
    shown = EVENT_LISTS[view]
    which = f"Rows 1 to {rows.num_rows:,} of {total:,}"
    st.text(f"{which}, newest first. Tick one for the whole event.")
    columns = list(shown.columns)
    if shown.has_summary:
        columns.insert(1, "summary")
    if len(set(rows["org"].to_pylist())) > 1:
        columns.append("org")
    # The key carries the filters: a tick belongs to a row, and other filters put another row in its place.
    return row_picked(rows, columns, f"rows {view} {filters}", f"{which}, newest first")


def _show_event(answers: Answers, row: dict[str, Any]) -> None:
    key = (row["org"], row["service"], row["event_date"], row["event_id"])
    with st.container(border=True):
        st.header("Event", anchor=False)
        st.text(" · ".join(str(part) for part in (row.get("summary"), row["event_id"]) if part))
        changed = answers.rows(questions.changed_fields(*key))
        if changed.num_rows:
            show_rows(changed, changed.column_names, "Fields that the event changed")
        for event in answers.rows(questions.whole_event(*key))["event"].to_pylist():
            # Neither highlighted, whose green and blue are too pale for some, nor in a box that only a mouse scrolls.
            st.code(_indented(event), language=None, wrap_lines=True)


def _indented(event: str) -> str:
    return json.dumps(json.loads(event), indent=2, ensure_ascii=False)


def _show_callers(answers: Answers, filters: Filters) -> None:
    callers = answers.rows(questions.callers(filters))
    st.header("Callers with an old key", anchor=False)
    if callers.num_rows == 0:
        st.success("Nobody called with an old key in this time, as far as it is held.")
        return
    st.altair_chart(charts.callers_by_day(answers.rows(questions.burndown(filters))), alt="Callers by day")
    show_rows(callers, _without_single_org(callers), "Callers with an old key")
    offer_csv("Download the callers as CSV", "old-api-key-callers", lambda: callers)
    st.header("Their calls", anchor=False)


def _show_coverage(answers: Answers, filters: Filters) -> None:
    states = answers.rows(questions.coverage_states(filters)).to_pylist()
    total = sum(row["days"] for row in states)
    if total == 0:
        st.info("No days are known for these filters.")
        return
    with st.container(horizontal=True):
        st.metric("Days of services", f"{total:,}", border=True, width="content")
        for row in states:
            st.metric(row["state"].capitalize(), f"{row['days']:,}", border=True, width="content")
        st.metric("Events held", f"{sum(row['held_events'] for row in states):,}", border=True, width="content")
    st.altair_chart(
        charts.calendar(answers.rows(questions.coverage_calendar(filters))), alt="Coverage by day and service"
    )
    days = answers.rows(questions.coverage_days(filters, questions.MOST_ROWS_SHOWN))
    which = f"Rows 1 to {days.num_rows:,} of {total:,}"
    st.text(f"{which}, those that aren't complete first.")
    show_rows(days, _without_single_org(days), which)
    most = questions.MOST_ROWS_DOWNLOADED
    offer_csv(
        "Download as CSV" if total <= most else f"Download {most:,} rows as CSV",
        COVERAGE,
        lambda: answers.unremembered(questions.coverage_days(filters, most)),
    )


def _without_single_org(rows: pa.Table) -> Sequence[str]:
    return [name for name in rows.column_names if name != "org" or len(set(rows["org"].to_pylist())) > 1]


if __name__ == "__main__":
    show(Path(sys.argv[1]))
