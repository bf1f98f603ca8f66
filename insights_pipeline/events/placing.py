"""By which id an event is told apart and where in time it stands, or why neither can be said."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import plain
from insights_pipeline.events.rejects import Reason
from insights_pipeline.events.schema import INSTANT

ORDER: Final = ("instant", "nanoseconds", "id")
"""Of the rows of a file."""

UNPLACED: Final = f"""
                WHEN id IS NULL THEN '{Reason.NO_ID}'
                WHEN timestamp_text IS NULL THEN '{Reason.NO_TIMESTAMP}'
                WHEN instant IS NULL THEN '{Reason.UNREADABLE_TIMESTAMP}'
            END AS reason"""
"""The end of a CASE: once an event is an object, why it can't be placed or told apart."""

# Of JSON: what is no text has no escape, and most texts don't.
_PLACING: Final = f"""SELECT id, timestamp_text, instant, beyond_microsecond(timestamp_text) AS nanoseconds, CASE {UNPLACED}
    FROM (
        SELECT id, timestamp_text, instant(timestamp_text) AS instant
        FROM (
            SELECT nullif(json_text(id), '') AS id,
                coalesce(json_text("timestamp"), json_extract_string("timestamp", '$')) AS timestamp_text
            FROM head
        )
    )"""


def placed(connection: duckdb.DuckDBPyConnection, ids: pa.Array, timestamps: pa.Array) -> pa.Table:
    """For each event `id`, `timestamp_text`, `instant`, `nanoseconds` and `reason`, as `reading` describes them.

    Takes the JSON of these two members; null where there is none.
    """
    table = _plainly(ids, timestamps)
    if table is None:
        connection.register("head", pa.table({"id": ids, "timestamp": timestamps}))
        table = connection.sql(_PLACING).to_arrow_table().combine_chunks()
    return table


def _plainly(ids: pa.Array, timestamps: pa.Array) -> pa.Table | None:
    """None unless each event can be placed, by an id and a timestamp that are written as usual."""
    id_texts, timestamp_texts = plain.texts(ids), plain.texts(timestamps)
    if id_texts is None or timestamp_texts is None or not pc.all(pc.greater(pc.binary_length(ids), len('""'))).as_py():
        return None
    nanoseconds = plain.instants(timestamp_texts)
    if id_texts.null_count or nanoseconds is None:
        return None
    microseconds = plain.microseconds(nanoseconds)
    return pa.table(
        {
            "id": id_texts,
            "timestamp_text": timestamp_texts,
            "instant": microseconds.cast(INSTANT),
            "nanoseconds": pc.subtract(nanoseconds, pc.multiply(microseconds, 1000)).cast(pa.int16()),
            "reason": pa.nulls(len(ids), pa.string()),
        }
    )
