"""Rows of read events made into the columns of their service's schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import spread, statements
from insights_pipeline.events.condensed import condensed
from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.pages import Page
from insights_pipeline.events.reading import keys_of_events, member_column
from insights_pipeline.events.schema import arrow_schema, service_fields
from insights_pipeline.events.shape import Findings, Probe

_MISFITS: Final = pa.list_(pa.field("element", pa.string()))


@dataclass(frozen=True, slots=True)
class Typed:
    """Events as the file has them."""

    table: pa.Table
    unknown_fields: Counter[str]
    """Events by path that no field describes."""


class Typist:
    """Types the events of one service, whose pages are given by their numbers."""

    def __init__(self, service: str, pages: Mapping[int, Page], connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._fields = service_fields(service)
        self.schema = arrow_schema(service)
        self._probe = Probe(self._fields)
        self._findings: dict[int, Findings] = {}
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
        documents, shapes = self._gathered(values.documents, self._shapes(values.documents))
        findings = [self._findings[shape] for shape in shapes.tolist()]
        read = self._transformed(documents, findings)
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
            for key in keys - self._probe.known_keys:
                unknown[key] += events
        return unknown

    def _shapes(self, documents: pa.Array) -> npt.NDArray[np.uint64]:
        """The shape of each document, one of each judged."""
        query = f"""SELECT hash({self._kinds("document")}, {self._keys("document")}) AS shape FROM document"""
        shapes = self._run(query, {"document": documents})["shape"].to_numpy()
        different, samples = np.unique(shapes, return_index=True)
        new = [sample for shape, sample in zip(different.tolist(), samples, strict=True) if shape not in self._findings]
        if new:
            query = f"""SELECT {self._kinds("document")} AS kinds, {self._keys("document")} AS keys FROM document"""
            judged = self._run(query, {"document": documents.take(new)}).to_pydict()
            self._findings |= {
                shape: self._probe.judge(kinds, keys)
                for shape, kinds, keys in zip(shapes[new].tolist(), judged["kinds"], judged["keys"], strict=True)
            }
        return cast(npt.NDArray[np.uint64], shapes)

    def _gathered(self, documents: pa.Array, shapes: npt.NDArray[np.uint64]) -> tuple[pa.Array, npt.NDArray[np.uint64]]:
        """The documents with each struct where its field says, and their shapes then."""
        scattered = np.isin(shapes, [shape for shape, findings in self._findings.items() if findings.elsewhere])
        if not scattered.any():
            return documents, shapes
        query = f"""SELECT {statements.in_one_place(self._fields, "document")}::VARCHAR AS document FROM document"""
        gathered = self._run(query, {"document": documents.filter(pa.array(scattered))})["document"].combine_chunks()
        shapes = shapes.copy()
        shapes[scattered] = self._shapes(gathered)
        return pc.replace_with_mask(documents, pa.array(scattered), gathered), shapes

    def _transformed(self, documents: pa.Array, findings: Sequence[Findings]) -> pa.Table:
        """The typed column of each field that one of the documents has, and `misfits`."""
        misfits = {path for found in findings for path in found.misfits}
        fields = _present(self._fields, {path for found in findings for path in found.present})
        columns = "".join(
            f"{statements.column(field, misfits)} AS {statements.quoted(field.name)}, " for field in fields
        )
        transformed = f", {statements.transform(fields, 'document')} AS t" if fields else ""
        return self._run(
            f"""SELECT {columns}{statements.misfits(fields)} AS misfits
            FROM (SELECT shape_misfits{transformed} FROM document)""",
            {"document": documents, "shape_misfits": pa.array([found.misfits for found in findings], _MISFITS)},
        )

    def _run(self, query: str, document: dict[str, pa.Array]) -> pa.Table:
        """The answer to a query of the table `document`, row for row."""
        self._connection.register("document", pa.table(document))
        return self._connection.sql(query).to_arrow_table()

    def _kinds(self, document: str) -> str:
        return statements.shape_types(self._probe, document)

    def _keys(self, document: str) -> str:
        return statements.shape_keys(self._probe, document)


def _present(fields: Sequence[Field], present: Collection[str], prefix: str = "") -> tuple[Field, ...]:
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
