"""The columns of a typed file: their order, Arrow types and descriptions, derived from the fields. Nothing is read here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.fields import LEADING, OWN, SCHEMA_VERSION

INSTANT: Final = pa.timestamp("us", tz="UTC")
# Parquet calls the members of a list so, whatever Arrow does.
_PATHS: Final = pa.list_(pa.field("element", pa.string()))

_SCALARS: Final = {
    FieldType.TEXT: pa.string(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.TIMESTAMP: INSTANT,
    FieldType.JSON: pa.string(),
}

# Columns that are made rather than read from one member of the event, before and after the leading fields.
_PLACED: Final = (
    ("id", pa.string(), "The event's id: 24 hexadecimal digits or a UUID, its case kept; unique in the day."),
    ("timestamp", INSTANT, "When it happened, UTC, cut to the microsecond."),
    ("timestamp_text", pa.string(), "timestamp as sent, with up to 9 digits of a second."),
)
_CARRIED: Final = (
    ("misfits", _PATHS, "Paths whose value did not fit its column: null there, whole in event."),
    ("event", pa.string(), "The whole event, its JSON exactly as received."),
    ("fetched_at", INSTANT, "When the answer that held the event arrived, UTC."),
)


def service_fields(service: str) -> tuple[Field, ...]:
    """The fields that are read from an event of this service; of an unknown service, those that all share."""
    return LEADING + OWN.get(service, ())


def arrow_schema(service: str) -> pa.Schema:
    """The columns of a service's typed file in order, described in each column's metadata; the version in the schema's."""
    leading, own = (
        [pa.field(field.name, arrow_type(field)) for field in fields] for fields in (LEADING, OWN.get(service, ()))
    )
    descriptions = column_descriptions(service)
    columns = [*_made(_PLACED), *leading, *_made(_CARRIED), *own]
    return pa.schema(
        [column.with_metadata({"description": descriptions[column.name]}) for column in columns],
        metadata={"schema_version": str(SCHEMA_VERSION), "service": service},
    )


def column_descriptions(service: str) -> dict[str, str]:
    """What each column of a service's typed file means, struct members under `column.member`; in the file's order."""
    placed, carried = ({name: description for name, _, description in made} for made in (_PLACED, _CARRIED))
    return placed | _described(LEADING) | carried | _described(OWN.get(service, ()))


def data_dictionary(service: str) -> list[dict[str, str]]:
    """The columns of a service's typed file, each struct followed by its members: `service`, `column`, `type`, `description`."""
    descriptions = column_descriptions(service)
    return [
        {"service": service, "column": path, "type": type_, "description": descriptions[path]}
        for column in arrow_schema(service)
        for path, type_ in _paths(column)
    ]


def _paths(column: pa.Field, prefix: str = "") -> Iterator[tuple[str, str]]:
    path = prefix + column.name
    if not pa.types.is_struct(column.type):
        yield path, str(column.type)
        return
    yield path, "struct"
    for member in column.type:
        yield from _paths(member, f"{path}.")


def arrow_type(field: Field) -> pa.DataType:
    """The column type of a field, members of a struct included."""
    if field.type is FieldType.STRUCT:
        return pa.struct([pa.field(member.name, arrow_type(member)) for member in field.members])
    return _SCALARS[field.type]


def _made(columns: tuple[tuple[str, pa.DataType, str], ...]) -> list[pa.Field]:
    return [pa.field(name, type_) for name, type_, _ in columns]


def _described(fields: tuple[Field, ...], prefix: str = "") -> dict[str, str]:
    described: dict[str, str] = {}
    for field in fields:
        described[prefix + field.name] = field.description
        described |= _described(field.members, f"{prefix}{field.name}.")
    return described
