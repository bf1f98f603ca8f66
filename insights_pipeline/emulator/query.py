"""A request's JSON body read into a typed query, with the refusals of the real service. No events are touched here.

Keys that the API does not know are ignored: JumpCloud's own clients send some and get answers.
"""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from insights_pipeline.emulator.cursor import Cursor, parse_search_after
from insights_pipeline.emulator.refusal import Refusal
from insights_pipeline.emulator.search import Predicate, contains_words, holds_value, parse_search_term
from insights_pipeline.emulator.timestamps import epoch_milliseconds, rfc3339_seconds

DEFAULT_LIMIT = 1_000
MAXIMUM_LIMIT = 10_000

INTERVAL_UNIT_MILLISECONDS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@dataclass(frozen=True)
class Selection:
    """What all four calls share: services, the window in milliseconds since 1970, and filters that must all hold."""

    services: tuple[str, ...]
    start: int
    end: int
    predicates: tuple[Predicate, ...]

    def matches(self, event: dict[str, Any]) -> bool:
        return all(predicate(event) for predicate in self.predicates)


@dataclass(frozen=True)
class PageQuery:
    """What ``/events`` asks beyond the selection."""

    limit: int
    descending: bool
    fields: tuple[str, ...] | None
    after: Cursor | None
    skip: int


@dataclass(frozen=True)
class IntervalQuery:
    """What ``/events/interval`` asks beyond the selection: the width of a bucket and the offset that days follow."""

    step: int
    origin: int
    offset: timedelta


def parse_body(body: bytes) -> dict[str, Any]:
    """The request's JSON object; Refusal 400 when it is none."""
    try:
        # RFC 8259 has no NaN or Infinity, which Python's reader would let through.
        parsed = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refusal(400, "Invalid query JSON") from None
    if not isinstance(parsed, dict):
        raise Refusal(400, "Invalid query JSON: expected an object")
    return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def parse_selection(body: dict[str, Any], valid_services: Set[str], services_of_all: Set[str], now: int) -> Selection:
    """The part that every call has. `now` is in milliseconds since 1970: the end where none is given."""
    named = _services(body.get("service"), valid_services)
    services = tuple(sorted(services_of_all)) if "all" in named else named
    start = _instant(body, "start_time")
    end = _instant(body, "end_time") if body.get("end_time") is not None else now
    if start > now:
        raise Refusal(400, f"Start Time is in the future {rfc3339_seconds(start)}")
    if start >= end:
        raise Refusal(400, f"Start Time not after End Time {rfc3339_seconds(start)} > {rfc3339_seconds(end)}")
    return Selection(services, start, end, tuple(_predicates(body)))


def _services(value: Any, valid: Set[str]) -> tuple[str, ...]:
    listed = ", ".join(sorted(valid | {"all"}))
    if value is None or value == []:
        raise Refusal(400, f"Missing service: expected one or more of {listed}")
    if not isinstance(value, list):
        raise Refusal(400, "Invalid service: expected a list of names")
    for name in value:
        if not isinstance(name, str) or (name != "all" and name not in valid):
            raise Refusal(400, f"Invalid service: expected one or more of {listed}")
    return tuple(dict.fromkeys(value))


def _instant(body: dict[str, Any], name: str) -> int:
    text = body.get(name)
    if text is None:
        raise Refusal(400, f"Missing {name}: expected an RFC 3339 date-time")
    try:
        if not isinstance(text, str):
            raise ValueError
        return epoch_milliseconds(text)
    except (ValueError, OverflowError):
        raise Refusal(400, f"Invalid {name}: expected an RFC 3339 date-time") from None


def _predicates(body: dict[str, Any]) -> list[Predicate]:
    full_text, exact = body.get("q"), body.get("exact_match")
    for name, value in (("q", full_text), ("exact_match", exact)):
        if value is not None and not isinstance(value, str):
            raise Refusal(400, f"Invalid {name}: expected text")
    if full_text and exact:
        raise Refusal(400, "q and exact_match cannot be used together")
    predicates = [parse_search_term(body.get("search_term"))]
    if full_text:
        predicates.append(contains_words(full_text))
    if exact:
        predicates.append(holds_value(exact))
    return [predicate for predicate in predicates if predicate is not None]


def parse_page_query(
    body: dict[str, Any], known_fields: Set[str], maximum_limit: int, excessive_limit: int
) -> PageQuery:
    """What ``/events`` asks. A limit that makes no sense becomes the default, silently; so does a sort.

    `excessive_limit` stands in for limits above the documented maximum; none goes beyond `maximum_limit`.
    """
    limit = body.get("limit")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        limit = DEFAULT_LIMIT
    elif limit > MAXIMUM_LIMIT:
        limit = excessive_limit
    sort = body.get("sort")
    skip = body.get("skip")
    return PageQuery(
        limit=min(limit, maximum_limit),
        descending=isinstance(sort, str) and sort.upper() == "DESC",
        fields=_fields(body, known_fields),
        after=parse_search_after(body.get("search_after")),
        skip=skip if isinstance(skip, int) and not isinstance(skip, bool) and skip > 0 else 0,
    )


def _fields(body: dict[str, Any], known: Set[str]) -> tuple[str, ...] | None:
    fields = body.get("fields")
    if fields is None:
        return None
    if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
        raise Refusal(400, "Invalid fields: expected a list of field names")
    if not any(field.partition(".")[0] in known for field in fields):
        raise Refusal(400, "Invalid fields: the list is empty or holds no known field")
    return tuple(fields)


def parse_field(body: dict[str, Any]) -> str:
    """The field that ``/events/distinct`` asks for."""
    field = body.get("field")
    if not isinstance(field, str) or not field:
        raise Refusal(400, "Missing field: expected the name of a field")
    return field


def parse_interval(body: dict[str, Any]) -> IntervalQuery:
    """The buckets that ``/events/interval`` asks for; one unit wide where no value is given. Weeks start on Monday."""
    unit, value, zone = body.get("interval_unit"), body.get("interval_value", "1"), body.get("timezone")
    if not isinstance(unit, str) or unit not in INTERVAL_UNIT_MILLISECONDS:
        raise Refusal(400, f"Invalid interval_unit: expected one of {', '.join(INTERVAL_UNIT_MILLISECONDS)}")
    if not isinstance(value, str) or not (value.isascii() and value.isdecimal() and 0 < int(value[:9]) < 10**6):
        raise Refusal(400, "Invalid interval_value: expected a whole number above 0 as text")
    # 1970-01-01 was a Thursday, the Monday before it was the 29th of December.
    origin = -3 * INTERVAL_UNIT_MILLISECONDS["d"] if unit == "w" else 0
    return IntervalQuery(int(value) * INTERVAL_UNIT_MILLISECONDS[unit], origin, _offset(zone))


def _offset(zone: Any) -> timedelta:
    if zone is None or zone == "":
        return timedelta(0)
    if isinstance(zone, str) and zone.isascii():
        digits = zone[1:].replace(":", "", 1)
        if zone[0] in "+-" and len(digits) == 4 and digits.isdecimal() and int(digits[2:]) < 60:
            size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
            if size <= timedelta(hours=18):
                return -size if zone[0] == "-" else size
    raise Refusal(400, "Invalid timezone: expected an offset such as -0500")
