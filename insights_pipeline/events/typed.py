"""Rows of read events made into the columns of their service's schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import duckdb
import pyarrow as pa

from insights_pipeline.events import spread
from insights_pipeline.events.condensed import condensed
from insights_pipeline.events.documents import Documents
from insights_pipeline.events.field import FieldType
from insights_pipeline.events.pages import Page
from insights_pipeline.events.reading import keys_of_events, member_column
from insights_pipeline.events.schema import arrow_schema, service_fields
from insights_pipeline.events.shape import Probe


@dataclass(frozen=True, slots=True)
class Typed:
    """Events as the file has them."""

    table: pa.Table
    unknown_fields: Counter[str]
    """Events by path that no field describes."""


class Typist:
    """Types the events of one service, whose pages are given by their numbers."""

    def __init__(self, service: str, pages: Mapping[int, Page], connection: duckdb.DuckDBPyConnection) -> None:
        self._fields = service_fields(service)
        self.schema = arrow_schema(service)
        self._known_keys = Probe(self._fields).known_keys
        self._documents = cache(partial(Documents, connection))
        fetched_at = [
            pages[number].fetched_at if number in pages else None for number in range(max(pages, default=0) + 1)
        ]
        self._fetched_at = pa.array(fetched_at, self.schema.field("fetched_at").type)

    def typed(self, rows: pa.Table) -> Typed:
        """Takes rows as `reading` makes them, in the order that the file is to have."""
        (typed,) = self.each_typed([rows])
        return typed

    def each_typed(self, tables: Sequence[pa.Table]) -> list[Typed]:
        """Several tables of the same columns, typed in one go, each by itself again."""
        rows = pa.concat_tables(tables)
        values = condensed(rows, self._fields)
        read, findings = self._documents(values.fields).read(values.documents)
        columns: dict[str, pa.Array | pa.ChunkedArray] = {
            "id": rows["id"],
            "timestamp": rows["instant"],
            "timestamp_text": rows["timestamp_text"],
            "event": rows["event"],
            "fetched_at": self._fetched_at.take(rows["page"]),
            "misfits": spread.lists(
                read["misfits"].to_pylist(), values.places, rows.num_rows, self.schema.field("misfits").type
            ),
        }
        for field in self._fields:
            if field.type is FieldType.JSON:
                if member_column(field.json_key) in rows.column_names:
                    columns[field.name] = rows[member_column(field.json_key)]
            elif field.json_key in values.read:
                columns[field.name] = values.read[field.json_key].take(values.places[field.json_key])
            elif field.name in read.column_names:
                typed = _widened(read[field.name].combine_chunks(), self.schema.field(field.name).type)
                columns[field.name] = typed.take(values.places[field.json_key])
        absent = {column.name: column.type for column in self.schema if column.name not in columns}
        columns |= {name: pa.nulls(rows.num_rows, type_) for name, type_ in absent.items()}
        table = pa.table([columns[name] for name in self.schema.names], self.schema)
        unknown = [found.unknown_fields for found in findings]
        named = unknown if any(unknown) else []
        each = []
        start = 0
        for own in tables:
            places = {key: array.slice(start, own.num_rows) for key, array in values.places.items()}
            each.append(Typed(table.slice(start, own.num_rows), self._unknown_fields(own, named, places)))
            start += own.num_rows
        return each

    def _unknown_fields(self, rows: pa.Table, named: Sequence[Sequence[str]], places: spread.Places) -> Counter[str]:
        unknown = spread.counts(named, places)
        for keys, events in keys_of_events(rows):
            for key in keys - self._known_keys:
                unknown[key] += events
        return unknown


def _widened(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """The array in its declared type, null in the members that it lacks."""
    if not pa.types.is_struct(type_):
        return array.cast(type_)
    members = [
        _widened(array.field(member.name), member.type)
        if array.type.get_field_index(member.name) >= 0
        else pa.nulls(len(array), member.type)
        for member in type_
    ]
    return pa.StructArray.from_arrays(members, fields=list(type_), mask=array.is_null())
