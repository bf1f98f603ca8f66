"""The questions that the page asks of the published database: SQL and its parameters; pure, nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from insights_pipeline.reports.dashboard.views import CALLER_FIELDS, COVERAGE_FIELDS, STATES, EventList
from insights_pipeline.reports.filters import Condition, Filters, condition

MOST_ROWS_SHOWN = 500
"""In a list on the page: more than anybody reads, and few enough for a phone."""

MOST_ROWS_DOWNLOADED = 100_000

Bucket = Literal["hour", "day"]

_HOURLY_UP_TO = timedelta(days=3)

_SUMMARIES = """
select
    found.*,
    coalesce(
        changes.summary,
        case when authentications.event_id is not null then concat_ws(
            ' ',
            authentications.actor,
            case authentications.outcome
                when 'success' then 'signed in' when 'failure' then 'failed to sign in' else 'tried to sign in'
            end,
            case authentications.channel
                when 'sso' then 'through SSO' when 'radius' then 'through RADIUS' when 'ldap' then 'through LDAP'
                when 'device' then 'to device' when 'other' then null
                else 'to the ' || replace(authentications.channel, '_', ' ')
            end,
            'to ' || authentications.application,
            case when authentications.channel = 'device' then authentications.device
                else 'with ' || authentications.device end,
            '(' || authentications.failure_reason || ')'
        ) end,
        old_keys.admin_email || ': an old API key called ' || coalesce(old_keys.api_path, 'the API'),
        types.meaning,
        'Event of type ' || found.event_type,
        'Event without a type'
    ) as summary
from found
left join admin_changes as changes using (org, service, event_date, event_id)
left join authentications using (org, service, event_date, event_id)
left join old_api_key_attempts as old_keys using (org, service, event_date, event_id)
left join event_types as types on found.service = types.service and found.event_type = types.event_type
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One statement, with a value for each of its question marks."""

    sql: str
    parameters: tuple[object, ...] = ()


def bucket_of(filters: Filters) -> Bucket:
    """How finely time is cut in a chart: hours for a few days, else days."""
    if filters.start is None or filters.end is None:
        return "day"
    return "hour" if filters.end - filters.start <= _HOURLY_UP_TO else "day"


def over_time(shown: EventList, filters: Filters) -> Question:
    """How many rows the filters let through: `at` (aware UTC), `day`, `service`, `kind`, `rows`."""
    where = condition(filters, shown.filtered_by)
    columns = shown.filtered_by
    day = columns["day"]
    at = f"date_trunc('hour', {columns['time']})" if bucket_of(filters) == "hour" else f"cast({day} as timestamptz)"
    return Question(
        f"select {at} as at, {day} as day, service, {shown.told_apart_by} as kind, count(*) as rows "
        f"from {shown.table} where {where.sql} group by all order by all",
        where.parameters,
    )


def figures(shown: EventList, filters: Filters) -> Question:
    """One row: the list's figures by their captions."""
    where = condition(filters, shown.filtered_by)
    aggregates = ", ".join(f'{sql} as "{caption}"' for caption, sql in shown.figures.items())
    return Question(f"select {aggregates} from {shown.table} where {where.sql}", where.parameters)


def newest(shown: EventList, filters: Filters, rows_by_day: Mapping[date, int], limit: int) -> Question:
    """The newest rows that the filters let through.

    `rows_by_day` is how many there are on each day: only days that are needed for so many rows are looked into, which of
    a year's events are some files instead of thousands.
    """
    first = _first_day_needed(rows_by_day, limit)
    if first is not None:
        start = datetime.combine(first, time(), UTC)
        filters = replace(filters, start=max(start, filters.start) if filters.start else start)
    where = condition(filters, shown.filtered_by)
    columns = ", ".join(f"{sql} as {name}" for name, sql in (dict(shown.columns) | dict(shown.keys)).items())
    time_column = shown.filtered_by["time"]
    found = (
        f"select {columns} from {shown.table} where {where.sql} order by {time_column} desc, event_id limit {limit:d}"
    )
    if not shown.has_summary:
        return Question(found, where.parameters)
    return Question(
        f"with found as ({found}) {_SUMMARIES} order by found.occurred_at desc, found.event_id", where.parameters
    )


def _first_day_needed(rows_by_day: Mapping[date, int], limit: int) -> date | None:
    total = 0
    for day in sorted(rows_by_day, reverse=True):
        total += rows_by_day[day]
        if total >= limit:
            return day
    return None


def whole_event(org: str, service: str, day: date, event_id: str) -> Question:
    """One row: `event`, the JSON text as JumpCloud sent it."""
    return Question(
        'select event from events where org = ? and service = ? and "date" = ? and id = ? limit 1',
        (org, service, day, event_id),
    )


def changed_fields(org: str, service: str, day: date, event_id: str) -> Question:
    """The fields that the event changed: `label`, `old_value`, `new_value`, `effect`, `risk`."""
    return Question(
        "select label, old_value, new_value, effect, risk from admin_change_fields "
        "where org = ? and service = ? and event_date = ? and event_id = ? order by position_in_event, field",
        (org, service, day, event_id),
    )


def callers(filters: Filters) -> Question:
    """The callers with an old key that called within the time asked for, those first that still do."""
    where = condition(filters, CALLER_FIELDS)
    times = [
        Condition(f"{column} {sign} ?", (moment,))
        for column, sign, moment in (("last_seen", ">=", filters.start), ("first_seen", "<", filters.end))
        if moment is not None
    ]
    return Question(
        "select status, integration, admin_email, client_ip, country_code, api_path, attempts, last_seen, first_seen, "
        "days_quiet, typical_interval, reopened, advice, user_agent, org from old_api_key_sources "
        f"where {' and '.join([where.sql, *(part.sql for part in times)])} "
        f"order by status, last_seen desc limit {MOST_ROWS_SHOWN:d}",
        (*where.parameters, *(value for part in times for value in part.parameters)),
    )


def burndown(filters: Filters) -> Question:
    """`date`, `status`, `callers`: how many callers stood how on each day."""
    where = condition(replace(filters, services=()), COVERAGE_FIELDS)
    return Question(
        "select date, status, sum(callers)::bigint as callers from ("
        f"from old_api_key_burndown where {where.sql}"
        ") unpivot (callers for status in (active_sources as active, quiet_sources as quiet)) "
        "group by all order by all",
        where.parameters,
    )


def coverage_days(filters: Filters, limit: int) -> Question:
    """One row an organization, service and day, those that aren't complete first and then newest first."""
    where = condition(filters, COVERAGE_FIELDS)
    return Question(
        "select date, service, state, expected_events, held_events, late_events, counted_at, fetched_at, expires_on, org "
        f"from coverage where {where.sql} order by state = 'complete', date desc, service, org limit {limit:d}",
        where.parameters,
    )


def coverage_calendar(filters: Filters) -> Question:
    """`date`, `service`, `state`, `held_events`: of several organizations the state that asks most for attention."""
    where = condition(filters, COVERAGE_FIELDS)
    states = ", ".join(f"'{state}'" for state in STATES)
    return Question(
        f"select date, service, arg_min(state, list_position([{states}], state)) as state, "
        f"sum(held_events)::bigint as held_events from coverage where {where.sql} group by all order by all",
        where.parameters,
    )


def coverage_states(filters: Filters) -> Question:
    """`state`, `days`, `held_events`: the coverage in figures."""
    where = condition(filters, COVERAGE_FIELDS)
    return Question(
        "select state, count(*) as days, sum(held_events)::bigint as held_events "
        f"from coverage where {where.sql} group by all order by all",
        where.parameters,
    )


def last_day() -> Question:
    """One row: `last_day`, the last UTC day that holds an event, else the last that is known of; null without any."""
    return Question("select coalesce(max(date) filter (where held_events > 0), max(date)) as last_day from coverage")


def choices() -> Question:
    """One row: the `orgs`, `services`, `event_types` and `countries` that there are, each a sorted list of texts."""
    lists = ", ".join(
        f"(select coalesce(list(distinct {name} order by {name}) filter (where {name} is not null), []) from {table}) as {plural}"
        for name, table, plural in (
            ("org", "coverage", "orgs"),
            ("service", "coverage", "services"),
            ("event_type", "kinds", "event_types"),
            ("country_code", "kinds", "countries"),
        )
    )
    kinds = "select distinct event_type, geoip.country_code as country_code from events"
    return Question(f"with kinds as materialized ({kinds}) select {lists}")


def day_totals(rows: Iterable[tuple[date, int]]) -> dict[date, int]:
    """Rows by day, from those of `over_time`."""
    totals: dict[date, int] = {}
    for day, number in rows:
        totals[day] = totals.get(day, 0) + number
    return totals
