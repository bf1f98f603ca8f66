"""What the page can show, as data: of each list its table, its columns, and the columns that filters look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from insights_pipeline.reports.filters import Field

_MART_FIELDS: dict[Field, str] = {
    "time": "occurred_at",
    "day": "event_date",
    "org": "org",
    "service": "service",
    "country": "country_code",
}
_NAMED_FIELDS: dict[Field, str] = _MART_FIELDS | {"event_type": "event_type", "actor": "actor", "outcome": "outcome"}

_EVENT_ACTOR = "coalesce(initiated_by.email, initiated_by.username, username, initiated_by.id)"
_EVENT_OUTCOME = "case success when true then 'success' when false then 'failure' else 'unknown' end"


@dataclass(frozen=True, slots=True)
class EventList:
    """A list in which each row is an event, whose whole JSON can be asked for."""

    title: str
    rows: str
    """What its rows are, in the plural."""
    table: str
    filtered_by: Mapping[Field, str]
    columns: Mapping[str, str]
    """By name, the expressions shown; beside them each row has org, service, event_date and event_id."""
    figures: Mapping[str, str] = field(default_factory=dict)
    """Aggregates over all rows that the filters let through, by their caption."""
    told_apart_by: str = "'all'"
    """What the chart's colours stand for."""
    has_summary: bool = False
    """Whether each row is also told in a sentence from whichever table knows one."""
    keys: Mapping[str, str] = field(
        default_factory=lambda: {"org": "org", "service": "service", "event_date": "event_date", "event_id": "event_id"}
    )


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


EVENT_LISTS: Mapping[str, EventList] = {
    "authentications": EventList(
        title="Authentications",
        rows="attempts",
        table="authentications",
        filtered_by=_NAMED_FIELDS,
        columns=_same(
            "occurred_at",
            "actor",
            "outcome",
            "channel",
            "application",
            "device",
            "failure_reason",
            "mfa_used",
            "mfa_factor",
            "client_ip",
            "country_code",
            "event_type",
            "user_agent",
        ),
        figures={
            "Attempts": "count(*)",
            "Failures": "count(*) filter (where outcome = 'failure')",
            "People": "count(distinct (org, person_id))",
            "Addresses": "count(distinct client_ip)",
            "Countries": "count(distinct country_code)",
        },
        told_apart_by="outcome",
    ),
    "admin-changes": EventList(
        title="Admin changes",
        rows="changes",
        table="admin_changes",
        filtered_by=_NAMED_FIELDS,
        columns=_same(
            "occurred_at",
            "summary",
            "effect",
            "actor",
            "action",
            "area",
            "object_type",
            "object_name",
            "risk",
            "via",
            "client_ip",
            "country_code",
            "event_type",
            "outcome",
        ),
        figures={
            "Changes": "count(*)",
            "Weaken security": "count(*) filter (where effect = 'weakens')",
            "People and programs": "count(distinct (org, actor))",
            "Objects": "count(distinct (org, object_type, object_id))",
            "Failed": "count(*) filter (where outcome = 'failure')",
        },
        told_apart_by="effect",
    ),
    "old-api-keys": EventList(
        title="Old API keys",
        rows="calls",
        table="old_api_key_attempts",
        filtered_by=_MART_FIELDS | {"actor": "admin_email"},
        columns=_same(
            "occurred_at",
            "admin_email",
            "client_ip",
            "country_code",
            "region_name",
            "api_host",
            "api_path",
            "user_agent",
        ),
        figures={
            "Calls": "count(*)",
            "Administrators": "count(distinct (org, admin_email))",
            "Addresses": "count(distinct client_ip)",
            "Programs": "count(distinct user_agent)",
        },
    ),
    "activity": EventList(
        title="Activity log",
        rows="events",
        table="events",
        filtered_by={
            "time": '"timestamp"',
            "day": '"date"',
            "org": "org",
            "service": "service",
            "event_type": "event_type",
            "actor": _EVENT_ACTOR,
            "outcome": _EVENT_OUTCOME,
            "country": "geoip.country_code",
        },
        columns={
            "occurred_at": '"timestamp"',
            "service": "service",
            "event_type": "event_type",
            "actor": _EVENT_ACTOR,
            "object": "coalesce(resource.name, resource.displayName, resource.username, resource.email, "
            "resource.hostname, resource.id)",
            "outcome": _EVENT_OUTCOME,
            "client_ip": "client_ip",
            "country_code": "geoip.country_code",
        },
        told_apart_by=_EVENT_OUTCOME,
        has_summary=True,
        keys={"org": "org", "service": "service", "event_date": '"date"', "event_id": "id"},
    ),
}
"""By the name that a link carries, in the order in which they are offered."""

COVERAGE = "coverage"
"""The name of the one view that is no list of events."""

COLUMN_TITLES: Mapping[str, str] = {
    "occurred_at": "Time (UTC)",
    "client_ip": "Address",
    "country_code": "Country",
    "region_name": "Region",
    "failure_reason": "Reason",
    "mfa_used": "MFA",
    "mfa_factor": "Factor",
    "event_type": "Event type",
    "user_agent": "Program",
    "object_type": "Object type",
    "object_name": "Object",
    "admin_email": "Administrator",
    "api_host": "Host",
    "api_path": "Path",
    "expected_events": "Expected",
    "held_events": "Held",
    "late_events": "Late",
    "counted_at": "Counted (UTC)",
    "fetched_at": "Fetched (UTC)",
    "expires_on": "Deleted by JumpCloud",
    "org": "Organization",
    "days_quiet": "Days quiet",
    "first_seen": "First call (UTC)",
    "last_seen": "Last call (UTC)",
    "typical_interval": "How often",
    "reopened": "Came back",
    "old_value": "Before",
    "new_value": "After",
    "label": "Field",
}
"""Of columns whose own name doesn't read well."""

TITLES: Mapping[str, str] = {name: shown.title for name, shown in EVENT_LISTS.items()} | {COVERAGE: "Coverage"}

COVERAGE_FIELDS: Mapping[Field, str] = {"day": '"date"', "org": "org", "service": "service"}

CALLER_FIELDS: Mapping[Field, str] = {"org": "org", "actor": "admin_email", "country": "country_code"}

STATES = ("missing", "short", "over", "unverified", "expired", "open", "complete")
"""Of a day's coverage, the one first that asks most for attention."""

OUTCOMES = ("success", "failure", "unknown")
