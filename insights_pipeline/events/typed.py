"""From events in order to the columns of their service's schema, some thousands at a time and side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import statements
from insights_pipeline.events.database import beside
from insights_pipeline.events.fields import LEADING, OWN
from insights_pipeline.events.schema import arrow_schema

# DuckDB gives a table of less than 122,880 rows to one thread, so that a day's work is cut by hand. A part is a multiple.
ROWS_PER_CHUNK: Final = 20_000
_THREADS: Final = 2

# What a chunk brings along as the file has it.
_CARRIED: Final = ("id", "timestamp", "timestamp_text", "event", "fetched_at")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events that follow each other in the file, and what their shapes say."""

    rows: pa.Table
    """The columns that the file has alike, and of each event `document`, where JSON that can be read differs from it,
    `scattered` and `shape_misfits`."""
    misfits: frozenset[str]
    """Every path that a shape names."""


class Typist:
    """Types the events of one service."""

    def __init__(self, service: str, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._leading = LEADING
        self._own = OWN.get(service, ())
        self._schema = arrow_schema(service)

    def typed(self, chunks: Iterable[Chunk]) -> Iterator[pa.Table]:
        """The table of each chunk in turn, while those that follow are made."""
        with ThreadPoolExecutor(_THREADS) as threads:
            waiting: deque[Future[pa.Table]] = deque()
            for chunk in chunks:
                waiting.append(threads.submit(self._table, chunk))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _table(self, chunk: Chunk) -> pa.Table:
        with beside(self._connection) as connection:
            connection.register("chunk", chunk.rows)
            scattered = pc.any(chunk.rows["scattered"]).as_py()
            read = connection.sql(self._query(chunk.misfits, scattered=scattered)).to_arrow_table()
        columns = {name: chunk.rows[name] for name in _CARRIED} | {name: read[name] for name in read.column_names}
        return pa.table([columns[name] for name in self._schema.names], self._schema.names).cast(self._schema)

    def _query(self, misfits: frozenset[str], *, scattered: bool) -> str:
        fields = self._leading + self._own
        document = "coalesce(document, event)"
        if scattered:
            document = f"CASE WHEN scattered THEN {statements.in_one_place(fields, document)} ELSE {document} END"
        columns = [f"{statements.column(field, misfits)} AS {statements.quoted(field.name)}" for field in fields]
        return f"""SELECT {", ".join(columns)}, {statements.misfits(fields)} AS misfits
            FROM (
                SELECT shape_misfits, {statements.transform(fields, "document")} AS t
                FROM (SELECT shape_misfits, {document} AS document FROM chunk)
            )"""
