"""The SQL that reads raw pages and types their events, made from the fields; pure text, run by others.

Every statement is DuckDB's, because its JSON functions work on whole vectors of events.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.shape import Probe

# RFC 3339 and nothing else: DuckDB's own cast also takes dates alone, names of zones and `infinity`.
# Casting cuts digits beyond the microsecond, it does not round: the last nanosecond of a day stays in its day.
MACROS: Final = (
    r"""CREATE MACRO instant(t) AS CASE
        WHEN regexp_full_match(t, '\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})')
        THEN try_cast(upper(t) AS TIMESTAMPTZ) END""",
    r"""CREATE MACRO beyond_microsecond(t) AS
        coalesce(try_cast(rpad(regexp_extract(t, '\.\d{6}(\d{1,3})', 1), 3, '0') AS SMALLINT), 0)""",
    # Half the cost of `->>`, which parses; few texts have an escape.
    r"""CREATE MACRO json_text(j) AS CASE
        WHEN starts_with(j, '"') THEN CASE WHEN contains(j, '\') THEN json_extract_string(j, '$') ELSE j[2:-2] END END""",
    "CREATE MACRO finite(t) AS CASE WHEN isfinite(try_cast(t AS DOUBLE)) THEN try_cast(t AS DOUBLE) END",
)

_READ_AS: Final = {FieldType.BOOLEAN: "BOOLEAN", FieldType.JSON: "JSON"}
_CASTS: Final = {
    FieldType.INTEGER: "try_cast({} AS BIGINT)",
    FieldType.NUMBER: "finite({})",
    FieldType.TIMESTAMP: "instant({})",
}


def transform(fields: Sequence[Field], document: str) -> str:
    """An expression: the struct of everything that the fields read from the document, absent members null."""
    return f"json_transform({document}, {literal(json.dumps(_structure(fields)))})"


def shape_types(probe: Probe, document: str) -> str:
    """An expression: the JSON type at each of the probe's places, null where nothing is."""
    return f"json_type({document}, {_list(probe.type_pointers)})"


def shape_keys(probe: Probe, document: str) -> str:
    """An expression: the keys of the object at each of the probe's places."""
    return f"json_keys({document}, {_list(probe.key_pointers)})"


def in_one_place(fields: Sequence[Field], document: str) -> str:
    """An expression: the document with the value of each struct where its field expects it, wherever it was."""
    moved = [field for field in fields if field.elsewhere]
    keys = {pointer.split("/")[1] for field in moved for pointer in (f"/{field.json_key}", *field.elsewhere)}
    cleared = literal(json.dumps(dict.fromkeys(sorted(keys))))
    found = ", ".join(
        f"{literal(field.json_key)}, coalesce({', '.join(_value(document, pointer) for pointer in _places(field))})"
        for field in moved
    )
    return f"json_merge_patch(json_merge_patch({document}, {cleared}), json_object({found}))"


def column(field: Field, misfits: Collection[str]) -> str:
    """An expression: the typed value of a field, null in the events whose shape names one of its paths in `misfits`.

    Takes the transformed document as `t` and the misfits of the event's shape as `shape_misfits`.
    """
    return _typed(field, "t", field.json_key, misfits)


def misfits(fields: Sequence[Field]) -> str:
    """An expression: `shape_misfits`, those of the shape, and the paths whose value could not be cast though its JSON type fits."""
    casts = list(_casts(fields, "t"))
    if not casts:
        return "shape_misfits"
    uncast = [f"CASE WHEN {failed} THEN {literal(path)} END" for path, failed in casts]
    any_uncast = " OR ".join(f"({failed})" for _, failed in casts)
    named = (
        f"list_filter([{', '.join(uncast)}], lambda path: path IS NOT NULL AND NOT list_contains(shape_misfits, path))"
    )
    return f"CASE WHEN {any_uncast} THEN shape_misfits || {named} ELSE shape_misfits END"


def literal(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]"


def _structure(fields: Sequence[Field]) -> dict[str, object]:
    return {
        key: _structure(field.members) if field.type is FieldType.STRUCT else _READ_AS.get(field.type, "VARCHAR")
        for field in fields
        for key in field.json_keys
    }


def _places(field: Field) -> tuple[str, ...]:
    return (*field.elsewhere, f"/{field.json_key}")


def _value(document: str, pointer: str) -> str:
    """JSON null counts as nothing, so that the next place is looked at."""
    return f"nullif(json_extract({document}, {literal(pointer)}), 'null'::JSON)"


def _typed(field: Field, parent: str, path: str, misfits: Collection[str]) -> str:
    value = _plain(field, parent, path, misfits)
    misfit = sorted({path, *(path.removesuffix(field.json_key) + key for key in field.json_keys)} & set(misfits))
    if not misfit:
        return value
    return f"CASE WHEN NOT list_has_any(shape_misfits, {_list(misfit)}) THEN {value} END"


def _plain(field: Field, parent: str, path: str, misfits: Collection[str]) -> str:
    source = f"{parent}.{quoted(field.json_key)}"
    if field.type is FieldType.STRUCT:
        columns = {
            member.name: _typed(member, source, f"{path}.{member.json_key}", misfits) for member in field.members
        }
        if all(value == f"{source}.{quoted(name)}" for name, value in columns.items()):
            return source
        members = ", ".join(f"{quoted(name)}: {value}" for name, value in columns.items())
        return f"CASE WHEN {source} IS NOT NULL THEN {{{members}}} END"
    if field.formerly:
        source = f"coalesce({source}, {parent}.{quoted(field.formerly)})"
    if field.blank_is_null:
        source = f"nullif({source}, '')"
    if field.type is FieldType.JSON:
        source = f"{source}::VARCHAR"
    return _CASTS.get(field.type, "{}").format(source)


def _casts(fields: Sequence[Field], parent: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    for field in fields:
        source = f"{parent}.{quoted(field.json_key)}"
        if field.type in _CASTS:
            yield prefix + field.json_key, f"{source} IS NOT NULL AND {_CASTS[field.type].format(source)} IS NULL"
        yield from _casts(field.members, source, f"{prefix}{field.json_key}.")
