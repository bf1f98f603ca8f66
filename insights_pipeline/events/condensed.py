"""Few documents for many events: what events say again and again, who acted, from where, with which program, is typed once.

The values of each field are told apart by their JSON. Those that can be read as they stand are; of the others the first of
all fields together make the first document, the second the second, and so on. A document is no event; what is typed of it
goes to the events that have its values. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events import plain
from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.reading import member_column, root_keys

_PLAINLY: Final = {
    FieldType.TEXT: plain.texts,
    FieldType.INTEGER: plain.integers,
    FieldType.TIMESTAMP: plain.timestamps,
}


@dataclass(frozen=True, slots=True)
class Condensed:
    """The values of some rows, each once."""

    documents: pa.Array
    """JSON objects with the members that events have, as text."""
    fields: tuple[Field, ...]
    """Those that documents have values of."""
    places: dict[str, pa.Array]
    """By the field's JSON key, for each row the document that has its value; null where it has none."""
    read: dict[str, pa.Array]
    """By the field's JSON key, its typed value at each place: of fields whose every value can be read as it stands, which are
    in no document. What is different in nearly every event is mostly such: an id of its own, the time when it was logged."""


def condensed(rows: pa.Table, fields: Sequence[Field]) -> Condensed:
    """Those of the fields that the rows have are in it; JSON fields need no typing, and are not."""
    places: dict[str, pa.Array] = {}
    read: dict[str, pa.Array] = {}
    members: dict[Field, pa.Array] = {}
    for field in fields:
        present = [key for key in root_keys(field) if member_column(key) in rows.column_names]
        if not present or field.type is FieldType.JSON:
            continue
        if len(present) > 1:
            places[field.json_key], members[field] = _told_apart(rows, present)
            continue
        places[field.json_key], values = _encoded(rows[member_column(present[0])])
        typed = _PLAINLY[field.type](values) if field.type in _PLAINLY and not field.blank_is_null else None
        if typed is None:
            members[field] = _member(present[0], values)
        else:
            read[field.json_key] = typed
    return Condensed(_documents([*members.values()]), tuple(members), places, read)


def _documents(members: Sequence[pa.Array]) -> pa.Array:
    """The first of each together, the second of each, and so on."""
    if not members:
        return pa.array([], pa.string())
    size = max(map(len, members))
    padded = [pa.concat_arrays([values, pa.nulls(size - len(values), values.type)]) for values in members]
    return pc.binary_join_element_wise("{", _together(padded), "}", "")


def _told_apart(rows: pa.Table, keys: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """For each row the place of its value among the different ones, and those as members of a JSON object."""
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
