"""What a field of an event is and how one is declared; which fields exist is said in `fields`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """The type that a JSON value takes in its column; a value of another kind becomes null and a misfit."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    """64 bits, signed."""
    NUMBER = "number"
    """A double; text that spells a finite number is read as one, since old events carry coordinates so."""
    TIMESTAMP = "timestamp"
    """RFC 3339 text, kept to the microsecond in UTC."""
    JSON = "json"
    """Any value, as JSON text: for values whose shape differs from event to event."""
    STRUCT = "struct"


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an event's JSON and the column, or struct member, that it becomes."""

    name: str
    type: FieldType
    description: str
    members: tuple[Field, ...] = ()
    """Of a STRUCT alone."""
    key: str = ""
    """The member's name in the JSON where it is not the column's."""
    elsewhere: tuple[str, ...] = ()
    """Other places where events carry the same, as JSON pointers from the event's root, innermost first. For STRUCTs."""
    formerly: str = ""
    """The key that older events use for the same scalar."""
    blank_is_null: bool = False
    """Whether empty text says no more than null does. For TEXT."""

    @property
    def json_key(self) -> str:
        """The member's name in the JSON."""
        return self.key or self.name

    @property
    def json_keys(self) -> tuple[str, ...]:
        """Every name that the member has in the JSON of one event or another."""
        return (self.json_key, self.formerly) if self.formerly else (self.json_key,)


def text(name: str, description: str, *, key: str = "", formerly: str = "", blank_is_null: bool = False) -> Field:
    return Field(name, FieldType.TEXT, description, key=key, formerly=formerly, blank_is_null=blank_is_null)


def boolean(name: str, description: str) -> Field:
    return Field(name, FieldType.BOOLEAN, description)


def integer(name: str, description: str) -> Field:
    return Field(name, FieldType.INTEGER, description)


def number(name: str, description: str) -> Field:
    return Field(name, FieldType.NUMBER, description)


def timestamp(name: str, description: str) -> Field:
    return Field(name, FieldType.TIMESTAMP, description)


def json_text(name: str, description: str) -> Field:
    return Field(name, FieldType.JSON, description)


def struct(name: str, description: str, *members: Field, elsewhere: tuple[str, ...] = ()) -> Field:
    return Field(name, FieldType.STRUCT, description, members, elsewhere=elsewhere)
