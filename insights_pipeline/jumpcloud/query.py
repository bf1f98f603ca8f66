"""What can be asked of Directory Insights, as values that check themselves. How it is sent is `exchange`'s business."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

# JumpCloud's specification: the largest page. What asking for more does is not stated; falling back to 1,000 is
# possible.
MAX_LIMIT = 10_000

# JumpCloud's specification: these cannot be searched by.
UNSEARCHABLE_FIELDS = frozenset({"changes", "useragent", "system_timestamp"})

Value = str | int | float | bool
Operator = Literal["and", "or", "not"]
Sort = Literal["ASC", "DESC"]
Cursor = tuple[Any, ...]


@dataclass(frozen=True)
class SearchTerm:
    """A filter: fields with the values wanted, joined by one operator.

    A field may be dotted (`initiated_by.email`) and appears once; several values mean any of them. `nested` holds
    further terms, such as an `or` inside an `and`. Text is sent in lower case, because JumpCloud lowers what it
    indexes.

    >>> SearchTerm.all_of({"success": False}, SearchTerm.any_of({"username": ["Root", "admin"]})).to_json()
    {'and': [{'success': False}, {'or': [{'username': ['root', 'admin']}]}]}
    """

    operator: Operator
    fields: tuple[tuple[str, tuple[Value, ...]], ...]
    nested: tuple["SearchTerm", ...] = ()

    def __post_init__(self) -> None:
        if not self.fields and not self.nested:
            raise ValueError("A search term needs at least one field.")
        names = [name for name, _ in self.fields]
        if len(set(names)) < len(names):
            raise ValueError("A search term names each field once: give the field a list of values instead.")
        for name, values in self.fields:
            if name.split(".")[0] in UNSEARCHABLE_FIELDS:
                raise ValueError(f"JumpCloud cannot search by {name!r}: fetch the events and filter them.")
            if not name or not values:
                raise ValueError("Every field of a search term needs a name and at least one value.")

    @classmethod
    def all_of(cls, fields: Mapping[str, Value | Sequence[Value]], *nested: "SearchTerm") -> Self:
        """Events that match every field."""
        return cls("and", _value_lists(fields), nested)

    @classmethod
    def any_of(cls, fields: Mapping[str, Value | Sequence[Value]], *nested: "SearchTerm") -> Self:
        """Events that match at least one field."""
        return cls("or", _value_lists(fields), nested)

    @classmethod
    def none_of(cls, fields: Mapping[str, Value | Sequence[Value]], *nested: "SearchTerm") -> Self:
        """Events that match no field."""
        return cls("not", _value_lists(fields), nested)

    def to_json(self) -> dict[str, Any]:
        """The term as the request body carries it."""
        conditions: list[dict[str, Any]] = [
            {name: _lowered(values[0]) if len(values) == 1 else [_lowered(value) for value in values]}
            for name, values in self.fields
        ]
        return {self.operator: conditions + [term.to_json() for term in self.nested]}


def _value_lists(fields: Mapping[str, Value | Sequence[Value]]) -> tuple[tuple[str, tuple[Value, ...]], ...]:
    return tuple(
        (name, (values,) if isinstance(values, str | int | float | bool) else tuple(values))
        for name, values in fields.items()
    )


def _lowered(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


@dataclass(frozen=True)
class EventQuery:
    """Which events: of which services, from `start` until `end`, filtered, a page of `limit` at a time.

    `service` is one name or several (`all` stands alone); it is kept as a tuple. `start` and `end` are aware and in
    whole milliseconds, which is what JumpCloud sorts by, and are kept in UTC; no `end` means until now. Whether `end`
    itself is included is not documented. `q` searches the full text, `exact_match` exactly; only one of them.
    `search_after` is a page's cursor and is good for the same query only.

    Raises ValueError for what JumpCloud would refuse or, worse, silently read as something else.
    """

    service: str | tuple[str, ...]
    start: datetime
    end: datetime | None = None
    limit: int = MAX_LIMIT
    sort: Sort = "ASC"
    fields: tuple[str, ...] = ()
    search_term: SearchTerm | None = None
    q: str | None = None
    exact_match: str | None = None
    search_after: Cursor | None = None

    def __post_init__(self) -> None:
        # A frozen dataclass allows normalising only this way.
        object.__setattr__(self, "service", (self.service,) if isinstance(self.service, str) else tuple(self.service))
        object.__setattr__(self, "fields", tuple(self.fields))
        if self.search_after is not None:
            object.__setattr__(self, "search_after", tuple(self.search_after))
        object.__setattr__(self, "start", _utc_milliseconds(self.start, "start"))
        if not self.services or not all(self.services):
            raise ValueError("A query needs at least one service.")
        if "all" in self.services and len(self.services) > 1:
            raise ValueError("The service 'all' stands alone: leave the others out.")
        if self.end is not None:
            object.__setattr__(self, "end", _utc_milliseconds(self.end, "end"))
            if self.end <= self.start:
                raise ValueError("A query's end must be later than its start.")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"A query's limit must be from 1 to {MAX_LIMIT}.")
        if self.sort not in ("ASC", "DESC"):
            raise ValueError("A query's sort must be ASC or DESC.")
        if self.q is not None and self.exact_match is not None:
            raise ValueError("A query takes either q or exact_match, not both.")

    @property
    def services(self) -> tuple[str, ...]:
        """The services asked for, always a tuple."""
        return (self.service,) if isinstance(self.service, str) else self.service

    @property
    def asked(self) -> str:
        """Services and window in words, for messages: nothing that was searched for, which may name a person."""
        until = "now" if self.end is None else format_time(self.end)
        return f"{'+'.join(self.services)} from {format_time(self.start)} to {until}"

    def filter_body(self) -> dict[str, Any]:
        """What says which events, as every call's request body carries it."""
        body: dict[str, Any] = {"service": list(self.services), "start_time": format_time(self.start)}
        if self.end is not None:
            body["end_time"] = format_time(self.end)
        if self.search_term is not None:
            body["search_term"] = self.search_term.to_json()
        if self.q is not None:
            body["q"] = self.q
        if self.exact_match is not None:
            body["exact_match"] = self.exact_match
        return body

    def page_body(self) -> dict[str, Any]:
        """The request body for one page of events."""
        body = self.filter_body() | {"limit": self.limit, "sort": self.sort}
        if self.fields:  # an empty list is answered with 400
            body["fields"] = list(self.fields)
        if self.search_after is not None:
            body["search_after"] = list(self.search_after)
        return body


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z: the form that every working client's variants have in common."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _utc_milliseconds(moment: datetime, name: str) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"A query's {name} needs a time zone: use an aware datetime, best in UTC.")
    if moment.microsecond % 1000:
        raise ValueError(f"A query's {name} must be in whole milliseconds: JumpCloud compares no finer.")
    return moment.astimezone(UTC)
