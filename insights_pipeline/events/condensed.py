"""Few documents for many events: what events say again and again, who acted, from where, with which program, is typed once.

The values of each field are told apart by their JSON; the first of all fields together make the first document, the
second the second, and so on. A document is no event; what is typed of it goes to the events that have its values. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.reading import member_column, root_keys


@dataclass(frozen=True, slots=True)
class Condensed:
    """The values of some rows, each once."""

    documents: pa.Array
    """JSON objects with the members that events have, as text."""
    places: dict[str, pa.Array]
    """By the field's JSON key, for each row the document that has its value; null where it has none."""


def condensed(rows: pa.Table, fields: Sequence[Field]) -> Condensed:
    """Those of the fields that the rows have are in it; JSON fields need no typing, and are not."""
    places: dict[str, pa.Array] = {}
    members: list[pa.Array] = []
    for field in fields:
        present = [key for key in root_keys(field) if member_column(key) in rows.column_names]
        if not present or field.type is FieldType.JSON:
            continue
        places[field.json_key], values = _told_apart(rows, present)
        members.append(values)
    if not members:
        return Condensed(pa.array([], pa.string()), places)
    size = max(map(len, members))
    padded = [pa.concat_arrays([values, pa.nulls(size - len(values), values.type)]) for values in members]
    return Condensed(pc.binary_join_element_wise("{", _together(padded), "}", ""), places)


def _told_apart(rows: pa.Table, keys: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """For each row the place of its value among the different ones, and those as members of a JSON object."""
    if len(keys) == 1:
        places, values = _encoded(rows[member_column(keys[0])])
        return places, _member(keys[0], values)
    together = _together([_member(key, rows[member_column(key)]) for key in keys])
    return _encoded(pc.if_else(pc.equal(together, ""), None, together))


def _member(key: str, values: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(json.dumps(key), values, ":")


def _together(members: Sequence[pa.Array]) -> pa.Array:
    """The members with commas between, the null ones left out."""
    # Arrow's own way to leave them out, null_handling="skip", makes no rows at all where all is null.
    each = [pc.fill_null(pc.binary_join_element_wise(",", member, ""), "") for member in members]
    return pc.utf8_slice_codeunits(pc.binary_join_element_wise(*each, ""), 1)


def _encoded(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    encoded = column.dictionary_encode()  # one dictionary for all chunks
    places = pa.chunked_array([chunk.indices for chunk in encoded.chunks], pa.int32()).combine_chunks()
    return places, encoded.chunk(0).dictionary
