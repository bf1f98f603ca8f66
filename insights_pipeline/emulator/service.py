"""The emulated service itself: takes a call's headers and body, gives an answer, keeps a record of both.

HTTP is spoken in `app`, data is computed in `answers`; here the two meet with access, behaviour and faults.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec

from insights_pipeline.emulator.access import Access
from insights_pipeline.emulator.answers import count_of, distinct_of, intervals_of, page_of
from insights_pipeline.emulator.behaviour import Behaviour, Call, Fault
from insights_pipeline.emulator.cursor import Cursor
from insights_pipeline.emulator.faults import FaultPlan, RateLimit
from insights_pipeline.emulator.query import (
    DEFAULT_LIMIT,
    MAXIMUM_LIMIT,
    PageQuery,
    Selection,
    parse_body,
    parse_field,
    parse_interval,
    parse_page_query,
    parse_selection,
)
from insights_pipeline.emulator.refusal import Refusal
from insights_pipeline.emulator.store import EventStore, Row, Span
from insights_pipeline.emulator.tenant.catalogue import KNOWN_SERVICES
from insights_pipeline.emulator.tenant.given import encoded_rows
from insights_pipeline.emulator.tenant.model import Tenant
from insights_pipeline.emulator.timestamps import milliseconds_of
from insights_pipeline.emulator.truth import Truth

# Ordinals beyond those of any tenant's own events, so that even an event that comes again is a document of its own.
_FIRST_ARRIVAL = 2**32

_EXCESSIVE_LIMITS = {"default": DEFAULT_LIMIT, "maximum": MAXIMUM_LIMIT}


@dataclass
class Answer:
    """What goes back: status, headers, body, and the faults that are left to whoever writes to the connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class RecordedRequest:
    """A request that was served. `body` is its parsed JSON (None when it was none), never a credential.

    `steady_seconds` tells when it came, by a clock that only moves forward.
    """

    call: Call
    organizations: tuple[str, ...]
    provider: str | None
    body: dict[str, Any] | None
    status: int
    rows: int
    steady_seconds: float


@dataclass(frozen=True)
class _Inquiry:
    """A query that was let in: what it asks for and the spans where that may lie."""

    body: dict[str, Any]
    selection: Selection
    spans: list[Span]


class Emulator:
    """A Directory Insights API with the events of a tenant. `behaviour` may be changed at any time."""

    def __init__(
        self, tenant: Tenant, behaviour: Behaviour | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.tenant = tenant
        self.behaviour = behaviour or Behaviour()
        self.store = EventStore(tenant.shelves)
        self.truth = Truth(tenant, self.store)
        self.access = Access(tenant.organizations, tenant.provider)
        self.requests: list[RecordedRequest] = []
        self._clock = clock or (lambda: datetime.now(UTC))
        self._faults = FaultPlan()
        self._rate_limit = RateLimit()
        self._arrived = 0

    def answer(
        self, call: Call, headers: Mapping[str, str], organizations: list[str], body: bytes, steady_seconds: float
    ) -> Answer:
        """One call, answered and recorded.

        `headers` are keyed in lower case, `organizations` are the values of all `x-org-id` headers, and
        `steady_seconds` is a clock that only moves forward, for the rate limit.
        """
        now = self._clock()
        parsed = _json_object(body) if call != "token" else None
        asked_services = parsed.get("service") if parsed else None
        names = [name for name in asked_services if isinstance(name, str)] if isinstance(asked_services, list) else []
        struck = self._faults.strike(self.behaviour, call, names, organizations)
        try:
            self._throttle(steady_seconds, now)
            _refuse_by_fault(struck, now)
            if call == "token":
                granted = self.access.grant_token(
                    headers.get("authorization", ""), body, now, self.behaviour.token_seconds
                )
                answer = _json_answer(granted)
            else:
                self.access.authenticate(headers, now)
                owners = self.access.owners(organizations, headers.get("x-provider-id"), self.behaviour)
                answer = self._ask(call, owners, body, now, struck)
        except Refusal as refusal:
            answer = _json_answer({"message": refusal.message}, refusal.status)
            answer.headers |= refusal.headers
        answer.headers["X-Request-Id"] = str(uuid.uuid4())
        answer.faults = struck if answer.status == 200 else [fault for fault in struck if fault.kind == "delayed"]
        self.requests.append(
            RecordedRequest(
                call,
                tuple(organizations),
                headers.get("x-provider-id"),
                parsed,
                answer.status,
                answer.rows,
                steady_seconds,
            )
        )
        if len(self.requests) == self.behaviour.reveal_after_requests:
            self.store.reveal()
        return answer

    def arrive(self, service: str, events: Sequence[Mapping[str, Any]], org: str = "self") -> None:
        """Let events come in from now on, late ones among them; `org` as for :class:`~.truth.Truth`."""
        owner = self.tenant.owner(org)
        self.store.add(owner, service, encoded_rows(events, _FIRST_ARRIVAL + self._arrived))
        self._arrived += len(events)

    def _throttle(self, steady_seconds: float, now: datetime) -> None:
        if not self._rate_limit.admits(steady_seconds, self.behaviour.requests_per_second):
            raise Refusal(429, "Too Many Requests", _retry_after(self.behaviour.retry_after, 1, now))

    def _ask(self, call: Call, owners: tuple[str, ...], body: bytes, now: datetime, struck: list[Fault]) -> Answer:
        inquiry = self._inquiry(owners, parse_body(body), now)
        match call:
            case "events":
                return self._events(inquiry, struck)
            case "count":
                count = count_of(inquiry.spans, inquiry.selection)
                off_by = sum(fault.amount for fault in struck if fault.kind == "wrong_count")
                return _json_answer({"count": max(0, count + off_by)})
            case "distinct":
                field_name = parse_field(inquiry.body)
                list_name = field_name if self.behaviour.distinct_list_name == "field" else "buckets"
                size = self.behaviour.distinct_size
                return _json_answer(distinct_of(inquiry.spans, inquiry.selection, field_name, size, list_name))
            case "interval":
                return _json_answer(intervals_of(inquiry.spans, inquiry.selection, parse_interval(inquiry.body)))
            case "token":
                raise AssertionError("a token is not asked of the events")

    def _inquiry(self, owners: tuple[str, ...], body: dict[str, Any], now: datetime) -> _Inquiry:
        behaviour = self.behaviour
        shelved_as = {shown: name for name, shown in behaviour.renamed_services.items()}
        held = (KNOWN_SERVICES | self.store.services) - behaviour.refused_services
        valid, of_all = (
            {behaviour.renamed_services.get(name, name) for name in names}
            for names in (held, held - behaviour.omitted_from_all)
        )
        now_milliseconds = milliseconds_of(now)
        selection = parse_selection(body, valid, of_all, now_milliseconds)
        # Nothing has happened after now, and what is past retention is deleted.
        end = min(selection.end + (1 if behaviour.end_inclusive else 0), now_milliseconds + 1)
        start = selection.start
        if self.tenant.retention_days is not None:
            start = max(start, milliseconds_of(now - timedelta(days=self.tenant.retention_days)))
        services = [shelved_as.get(name, name) for name in selection.services]
        return _Inquiry(body, selection, self.store.spans(owners, services, start, end))

    def _events(self, inquiry: _Inquiry, struck: list[Fault]) -> Answer:
        excessive_limit = _EXCESSIVE_LIMITS[self.behaviour.excessive_limit]
        query = parse_page_query(inquiry.body, self.tenant.fields, self.behaviour.maximum_limit, excessive_limit)
        rows = page_of(inquiry.spans, inquiry.selection, query)
        for fault in struck:
            if fault.kind == "repeated_rows" and query.after is not None and rows:
                rows = (self._rows_before(inquiry, query, fault.amount) + rows)[: query.limit]
        cursor: Cursor | None = rows[-1].cursor if rows else query.after
        kinds = {fault.kind for fault in struck}
        if "repeated_cursor" in kinds and query.after is not None:
            cursor = query.after
        off_by = sum(fault.amount for fault in struck if fault.kind == "wrong_result_count")
        answer = Answer(200, {"Content-Type": "application/json"}, _joined(rows), len(rows))
        answer.headers |= {
            "X-Result-Count": str(len(rows) + off_by),
            "X-Limit": str(query.limit),
            "X-Sort": "DESC" if query.descending else "ASC",
        }
        if "no_cursor" not in kinds:
            answer.headers["X-Search_after"] = cursor.header() if cursor is not None else "[]"
        return answer

    def _rows_before(self, inquiry: _Inquiry, query: PageQuery, count: int) -> list[Row]:
        """The last `count` rows of the page that ended at this cursor, in the order in which it showed them."""
        assert query.after is not None
        spans = [span.until(query.after, descending=query.descending) for span in inquiry.spans]
        backwards = replace(query, after=None, skip=0, limit=count, descending=not query.descending)
        return page_of(spans, inquiry.selection, backwards)[::-1]


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        return parse_body(body)
    except Refusal:
        return None


def _joined(rows: list[Row]) -> bytes:
    """The page's JSON array out of the rows' own bytes: nothing is encoded again."""
    return b"[" + b",".join([row.body for row in rows]) + b"]"


def _json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, msgspec.json.encode(value))


def _refuse_by_fault(struck: list[Fault], now: datetime) -> None:
    for fault in struck:
        if fault.kind == "status":
            message = {429: "Too Many Requests", 401: "Unauthorized"}.get(fault.status, "We are having difficulties")
            raise Refusal(fault.status, message, _retry_after(fault.retry_after, fault.retry_after_seconds, now))


def _retry_after(form: str | None, seconds: int, now: datetime) -> dict[str, str]:
    match form:
        case "seconds":
            return {"Retry-After": str(seconds)}
        case "date":
            return {"Retry-After": format_datetime(now + timedelta(seconds=seconds), usegmt=True)}
    return {}
