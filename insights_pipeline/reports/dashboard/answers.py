"""Asks the published database for the page, and remembers answers as long as the file is the same. What is asked is elsewhere."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import streamlit as st

from insights_pipeline.reports.dashboard.questions import Question
from insights_pipeline.warehouse import published_file, query

# Of at most some hundred rows each, but for choices and days: some megabytes.
_MOST_ANSWERS = 200

Identity = tuple[int, int, int]


def identity(home: Path) -> Identity | None:
    """Tells one published file from the next; None where there is none."""
    try:
        found = published_file(home).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


class Answers:
    """The answers of one file, or of the one that replaced it meanwhile."""

    def __init__(self, home: Path, file: Identity) -> None:
        self._home = home
        self._file = file

    def rows(self, question: Question) -> pa.Table:
        """The whole answer; raises WarehouseError."""
        return _remembered(str(self._home), self._file, question.sql, question.parameters)

    def unremembered(self, question: Question) -> pa.Table:
        """The same for what is large and asked once; raises WarehouseError."""
        return query(self._home, question.sql, question.parameters)


@st.cache_data(max_entries=_MOST_ANSWERS, show_spinner="Reading …")
def _remembered(home: str, file: Identity, sql: str, parameters: tuple[object, ...]) -> pa.Table:
    return query(Path(home), sql, parameters)
