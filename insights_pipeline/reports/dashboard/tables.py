"""How rows are shown: a table to scroll, its columns' titles, its download. Which rows is decided elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from insights_pipeline.reports.dashboard.views import COLUMN_TITLES
from insights_pipeline.reports.inert_csv import write_csv

_WIDTHS: Mapping[str, Literal["medium", "large"]] = {
    "summary": "large",
    "advice": "large",
    "risk": "large",
    "user_agent": "medium",
}

_ROW_PIXELS = 35


def show_rows(rows: pa.Table, columns: Sequence[str], alt: str) -> None:
    """All rows, a column each for the columns named; `alt` says what the table is to who can't see it."""
    st.dataframe(
        rows,
        hide_index=True,
        column_order=columns,
        column_config=_configuration(rows.schema),
        height=_height(rows.num_rows),
        placeholder="",
        alt=alt,
    )


def row_picked(rows: pa.Table, columns: Sequence[str], key: str, alt: str) -> dict[str, Any] | None:
    """Shows the rows as `show_rows` does; gives the one that was picked."""
    state = st.dataframe(
        rows,
        hide_index=True,
        column_order=columns,
        column_config=_configuration(rows.schema),
        height=_height(rows.num_rows),
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
        alt=alt,
    )
    picked = [number for number in state["selection"]["rows"] if number < rows.num_rows]
    return rows.slice(picked[0], 1).to_pylist()[0] if picked else None


def offer_csv(label: str, name: str, rows: Callable[[], pa.Table]) -> None:
    """A button that asks for the rows only when it is pressed."""

    def content() -> bytes:
        text = io.StringIO(newline="")
        write_csv(rows(), text)
        return text.getvalue().encode()

    st.download_button(
        label, content, file_name=f"{name}.csv", mime="text/csv", on_click="ignore", icon=":material/download:"
    )


def title_of(column: str) -> str:
    """As it stands above the column."""
    return COLUMN_TITLES.get(column, column.replace("_", " ").capitalize())


def _configuration(schema: pa.Schema) -> dict[str, Any]:
    return {field.name: _column(field) for field in schema}


def _column(field: pa.Field) -> Any:
    title, width = title_of(field.name), _WIDTHS.get(field.name)
    if pa.types.is_timestamp(field.type):
        # The grid shows a time in the reader's zone unless it is told otherwise.
        return st.column_config.DatetimeColumn(title, format="YYYY-MM-DD HH:mm:ss", timezone="UTC")
    if pa.types.is_date(field.type):
        return st.column_config.DateColumn(title, format="YYYY-MM-DD")
    if pa.types.is_integer(field.type):
        return st.column_config.NumberColumn(title, format="localized")
    if pa.types.is_boolean(field.type):
        return st.column_config.CheckboxColumn(title)
    return st.column_config.TextColumn(title, width=width)


def _height(rows: int) -> int:
    return _ROW_PIXELS * (min(max(rows, 1), 12) + 1) + 3
