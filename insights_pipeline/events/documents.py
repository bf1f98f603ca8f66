"""Documents read: judged by their shapes, and made into the typed columns of their fields.

What documents are is said in `condensed`, what a shape tells in `shape`; the SQL is from `statements`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import statements
from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.shape import Findings, Probe

_MISFITS: Final = pa.list_(pa.field("element", pa.string()))


class Documents:
    """Those that have these fields and no other: what is looked for in each of them costs something."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
        self._connection = connection
        self._fields = fields
        self._probe = Probe(fields)
        self._findings: dict[int, Findings] = {}

    def read(self, documents: pa.Array) -> tuple[pa.Table, list[Findings]]:
        """The typed column of each field that one of them has, with the members that they have, and `misfits`; and what
        the shape of each says."""
        documents, shapes = self._gathered(documents, self._shapes(documents))
        findings = [self._findings[shape] for shape in shapes.tolist()]
        return self._transformed(documents, findings), findings

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
