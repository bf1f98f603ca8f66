"""From events in order to the columns of their service's schema, some thousands at a time and side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import statements
from insights_pipeline.events.database import beside
from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.schema import arrow_schema, service_fields

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
    present: frozenset[str]
    """The paths that an event can have; what others are made of is null, and is not looked for."""


class Typist:
    """Types the events of one service."""

    def __init__(self, service: str, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._fields = service_fields(service)
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
            read = connection.sql(self._query(chunk)).to_arrow_table()
        columns = {name: chunk.rows[name] for name in _CARRIED} | {name: read[name] for name in read.column_names}
        return pa.table(
            [_widened(columns.get(column.name), column.type, chunk.rows.num_rows) for column in self._schema],
            self._schema,
        )

    def _query(self, chunk: Chunk) -> str:
        document = "coalesce(document, event)"
        if pc.any(chunk.rows["scattered"]).as_py():
            document = f"CASE WHEN scattered THEN {statements.in_one_place(self._fields, document)} ELSE {document} END"
        fields = _present(self._fields, chunk.present)
        if not fields:
            return "SELECT shape_misfits AS misfits FROM chunk"
        columns = [f"{statements.column(field, chunk.misfits)} AS {statements.quoted(field.name)}" for field in fields]
        return f"""SELECT {", ".join(columns)}, {statements.misfits(fields)} AS misfits
            FROM (
                SELECT shape_misfits, {statements.transform(fields, "document")} AS t
                FROM (SELECT shape_misfits, {document} AS document FROM chunk)
            )"""


def _present(fields: Sequence[Field], present: frozenset[str], prefix: str = "") -> tuple[Field, ...]:
    """The fields that events can have: most services use a fraction of what is declared, and each costs something."""
    kept = []
    for field in fields:
        if not any(prefix + key in present for key in field.json_keys):
            continue
        if field.type is FieldType.STRUCT:
            # A struct without members is still not null.
            members = _present(field.members, present, f"{prefix}{field.json_key}.") or field.members[:1]
            kept.append(replace(field, members=members))
        else:
            kept.append(field)
    return tuple(kept)


def _widened(column: pa.ChunkedArray | None, type_: pa.DataType, rows: int) -> pa.ChunkedArray:
    """The column in its declared type, null in the members that it lacks."""
    if column is None:
        return pa.chunked_array([pa.nulls(rows, type_)])
    if not pa.types.is_struct(type_):
        return column.cast(type_)
    return pa.chunked_array([_struct(chunk, type_) for chunk in column.chunks], type_)


def _struct(array: pa.StructArray, type_: pa.StructType) -> pa.StructArray:
    members = []
    for member in type_:
        if array.type.get_field_index(member.name) < 0:
            members.append(pa.nulls(len(array), member.type))
            continue
        values = array.field(member.name)
        members.append(_struct(values, member.type) if pa.types.is_struct(member.type) else values.cast(member.type))
    return pa.StructArray.from_arrays(members, fields=list(type_), mask=array.is_null())
