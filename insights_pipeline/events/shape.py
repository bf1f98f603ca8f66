"""What the JSON types and keys of an event say: which values don't fit their column, which members nobody knows.

Events have few distinct shapes, so each is judged once, here, however many events share it. What depends on a value
rather than on its JSON type is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.fields import WITHOUT_COLUMN

ROOT: Final = ""

# DuckDB's names of JSON types, see its json_type function; integers beyond 64 bits are DOUBLE there.
_INTEGERS: Final = frozenset({"BIGINT", "UBIGINT"})
_FITTING: Final = {
    FieldType.TEXT: frozenset({"VARCHAR"}),
    FieldType.BOOLEAN: frozenset({"BOOLEAN"}),
    FieldType.INTEGER: _INTEGERS,
    FieldType.NUMBER: _INTEGERS | {"DOUBLE", "VARCHAR"},
    FieldType.TIMESTAMP: frozenset({"VARCHAR"}),
    FieldType.STRUCT: frozenset({"OBJECT"}),
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What one shape says about every event that has it; paths are dotted, from the event's root."""

    misfits: tuple[str, ...]
    unknown_fields: tuple[str, ...]
    elsewhere: bool
    """Whether a struct's value lies at one of the other places it is known to be found."""
    present: frozenset[str]
    """Paths of the fields, members of structs included, that the events have, be it as null."""


class Probe:
    """The places that are looked at in an event to know its shape, as JSON pointers, and the judgement on what is there."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = tuple(fields)
        self._checked = tuple(_walk(self._fields))
        self._elsewhere = tuple(pointer for field in fields for pointer in field.elsewhere)
        self.known_keys = self._known_at()[ROOT]
        """Members of an event that its service's fields, or nothing at all, are made of."""
        self.type_pointers: tuple[str, ...] = (
            *(pointer for pointer, field in self._checked if field.type is not FieldType.JSON),
            *self._elsewhere,
        )
        self.key_pointers: tuple[str, ...] = (
            ROOT,
            *(pointer for pointer, field in self._checked if field.type is FieldType.STRUCT),
        )

    def judge(self, types: Sequence[str | None], keys: Sequence[Sequence[str] | None]) -> Findings:
        """Takes the JSON type at each type pointer and the keys at each key pointer, None where nothing is there."""
        type_at = dict(zip(self.type_pointers, types, strict=True))
        keys_at = dict(zip(self.key_pointers, keys, strict=True))
        return Findings(
            misfits=tuple(
                _dotted(pointer) for pointer, field in self._checked if not _fits(field, type_at.get(pointer))
            ),
            unknown_fields=tuple(dict.fromkeys(self._unknown(keys_at))),
            elsewhere=any(type_at[pointer] not in (None, "NULL") for pointer in self._elsewhere),
            present=frozenset(_dotted(pointer) for pointer, _ in self._checked if _has(keys_at, pointer)),
        )

    def _unknown(self, keys_at: Mapping[str, Sequence[str] | None]) -> Iterator[str]:
        known_at = self._known_at()
        for pointer, keys in keys_at.items():
            for key in keys or ():
                if key not in known_at[pointer]:
                    yield _dotted(f"{pointer}/{key}")

    def _known_at(self) -> dict[str, frozenset[str]]:
        """The known keys of each object."""
        known: dict[str, set[str]] = {
            pointer: {key for member in field.members for key in member.json_keys}
            for pointer, field in self._checked
            if field.type is FieldType.STRUCT
        }
        known[ROOT] = {"id", "timestamp", *WITHOUT_COLUMN} | {key for field in self._fields for key in field.json_keys}
        for pointer in self._elsewhere:
            parent, _, key = pointer.rpartition("/")
            known.setdefault(parent, set()).add(key)
        return {pointer: frozenset(keys) for pointer, keys in known.items()}


def _walk(fields: Sequence[Field], parent: str = ROOT) -> Iterator[tuple[str, Field]]:
    for field in fields:
        for key in field.json_keys:
            yield f"{parent}/{key}", field
        yield from _walk(field.members, f"{parent}/{field.json_key}")


def _has(keys_at: Mapping[str, Sequence[str] | None], pointer: str) -> bool:
    parent, _, key = pointer.rpartition("/")
    return key in (keys_at.get(parent) or ())


def _fits(field: Field, json_type: str | None) -> bool:
    return json_type in (None, "NULL") or field.type is FieldType.JSON or json_type in _FITTING[field.type]


def _dotted(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/", ".")
