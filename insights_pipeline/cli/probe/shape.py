"""The shape of JSON: which types stand at which path. No value leaves this room, nor a name that could be one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

# JumpCloud's own names are words, some with a hyphen or a leading `@`; anything else may be somebody's.
_FIELD_NAME = re.compile(r"@?[A-Za-z_][A-Za-z0-9_-]{0,40}")

_TYPE_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


def types_by_path(values: Iterable[Any]) -> dict[str, list[str]]:
    """JSON types, sorted, by dotted path; elements of a list stand at `path[]`. Sorted by path."""
    found: dict[str, set[str]] = defaultdict(set)
    for value in values:
        for path, kind in _walk(value, ""):
            found[path].add(kind)
    return {path: sorted(kinds) for path, kinds in sorted(found.items())}


def brief_type(value: Any) -> str:
    """`[number, string]` for a list, else the type's name."""
    if isinstance(value, list):
        return f"[{', '.join(brief_type(element) for element in value)}]"
    return _type_name(value)


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if path:
        yield path, _type_name(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            shown = name if _FIELD_NAME.fullmatch(name) else "<name>"
            yield from _walk(inner, f"{path}.{shown}" if path else shown)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, f"{path}[]")


def _type_name(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "list"
    return _TYPE_NAMES[type(value)]
