"""Which events a query's ``search_term``, ``q`` and ``exact_match`` let through. Pure: predicates over parsed events.

Values are compared as the real index holds them, in lower case, with what the query says as it stands: an upper-case
search value finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from insights_pipeline.emulator.refusal import Refusal

Event = dict[str, Any]
Predicate = Callable[[Event], bool]

# The specification names these as the ones that cannot be searched.
UNSEARCHABLE = frozenset({"changes", "useragent", "system_timestamp"})
# The specification sets no bound but warns of 500 for very complex searches; beyond this depth ours does that.
_DEEPEST_NESTING = 32


def values_at(event: Any, path: str) -> Iterator[Any]:
    """Every scalar that a dotted path leads to; lists are walked through, as the index does."""
    if isinstance(event, list):
        for member in event:
            yield from values_at(member, path)
    elif not path:
        if event is not None and not isinstance(event, dict):
            yield event
    elif isinstance(event, dict):
        if path in event:
            yield from values_at(event[path], "")
        name, _, rest = path.partition(".")
        if rest and name in event:
            yield from values_at(event[name], rest)


def index_text(value: Any) -> str:
    """A scalar as the index holds it: text in lower case, booleans as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).lower()


def parse_search_term(term: Any) -> Predicate | None:
    """The predicate of a ``search_term``, None when there is none. Raises Refusal for a malformed one.

    Exactly one of ``and``, ``or``, ``not`` at each level; each holds a list of one-field objects (an object with
    several fields is taken as such a list); a value may be a list, any of which matches.
    """
    if term is None or term == {}:
        return None
    return _conjunction(term, 0)


def _conjunction(term: Any, depth: int) -> Predicate:
    if depth > _DEEPEST_NESTING:
        raise Refusal(500, "Search query is too complex")
    match term:
        case {"and": operands, **others} if not others:
            predicates = _operands(operands, depth)
            return lambda event: all(predicate(event) for predicate in predicates)
        case {"or": operands, **others} if not others:
            predicates = _operands(operands, depth)
            return lambda event: any(predicate(event) for predicate in predicates)
        case {"not": operands, **others} if not others:
            predicates = _operands(operands, depth)
            return lambda event: not any(predicate(event) for predicate in predicates)
    raise Refusal(400, "Invalid search_term: expected exactly one of 'and', 'or', 'not'")


def _operands(operands: Any, depth: int) -> list[Predicate]:
    listed = [{name: value} for name, value in operands.items()] if isinstance(operands, dict) else operands
    if not isinstance(listed, list):
        raise Refusal(400, "Invalid search_term: expected a list of search criteria")
    return [_operand(operand, depth) for operand in listed]


def _operand(operand: Any, depth: int) -> Predicate:
    if not isinstance(operand, dict) or len(operand) != 1:
        raise Refusal(400, "Invalid search_term: each of the criteria names one field")
    ((name, value),) = operand.items()
    if name in ("and", "or", "not"):
        return _conjunction(operand, depth + 1)
    if isinstance(value, dict):
        raise Refusal(400, f"Invalid search_term: the value of '{name}' is an object")
    if name.partition(".")[0] in UNSEARCHABLE:
        return lambda event: False
    wanted = {_wanted_text(one) for one in (value if isinstance(value, list) else [value])}
    return lambda event: any(index_text(held) in wanted for held in values_at(event, name))


def _wanted_text(value: Any) -> str:
    return index_text(value) if not isinstance(value, str) else value


def contains_words(text: str) -> Predicate:
    """Full text (``q``): every word of the text occurs in some value of the event, whatever the case."""
    words = text.lower().split()

    def matches(event: Event) -> bool:
        held = " ".join(index_text(value) for value in _scalars(event))
        return all(word in held for word in words)

    return matches


def holds_value(text: str) -> Predicate:
    """``exact_match``: some value of the event is the whole text, whatever the case."""
    wanted = text.lower()
    return lambda event: any(index_text(value) == wanted for value in _scalars(event))


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in UNSEARCHABLE:
                yield from _scalars(member)
    elif isinstance(value, list):
        for member in value:
            yield from _scalars(member)
    elif value is not None:
        yield value


def project(event: Event, fields: tuple[str, ...]) -> Event:
    """The event with only these fields; a dotted path keeps its parents."""
    projected: Event = {}
    for path in fields:
        _copy_path(event, projected, path)
    return projected


def _copy_path(source: Event, target: Event, path: str) -> None:
    name, _, rest = path.partition(".")
    if path in source:
        target[path] = source[path]
    elif rest and isinstance(source.get(name), dict):
        inner = target.setdefault(name, {})
        if isinstance(inner, dict):
            _copy_path(source[name], inner, rest)
        if not inner:
            del target[name]
