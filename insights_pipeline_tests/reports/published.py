"""Published databases made in a moment: the tables as the marts' contracts declare them, filled by SQL instead of by dbt."""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from insights_pipeline.warehouse import PROJECT_FOLDER, published_file

MARTS = yaml.safe_load((PROJECT_FOLDER / "models" / "marts" / "_marts.yml").read_text())["models"]


def publish(home: Path, *statements: str) -> Path:
    """A database in the place of the published one, after these statements; gives its path."""
    path = published_file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for model in MARTS:
            columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
            connection.execute(f"create table {model['name']} ({columns})")
        for statement in statements:
            connection.execute(statement)
    return path


def coverage(first: str, last: str, orgs: tuple[str, ...] = ("self",), state: str = "'complete'") -> str:
    """Four services of each organization a day; `state` is SQL over org, service and date."""
    names = ", ".join(f"'{org}'" for org in orgs)
    return f"""
    insert into coverage by name
    with days as (
        select org, service, cast(day as date) as date
        from (select unnest([{names}]) as org)
        cross join (select unnest(['directory', 'ldap', 'radius', 'sso']) as service)
        cross join (select unnest(generate_series(date '{first}', date '{last}', interval 1 day)) as day)
    )
    select
        *,
        {state} as state,
        case when state in ('complete', 'open') then 100 when state in ('short', 'over') then 110 end as expected_events,
        case when state in ('missing', 'expired') then 0 else 100 end as held_events,
        0 as late_events,
        case when expected_events is not null then date + interval 26 hour end as counted_at,
        case when held_events > 0 then date + interval 26 hour end as fetched_at,
        date + 90 as expires_on
    from days"""


def attempts(number: int, first: str, days: int, orgs: tuple[str, ...] = ("self",), text: str = "''") -> str:
    """Attempts spread evenly over the days; `text` is SQL that gives what follows each thing that users can type."""
    names = ", ".join(f"'{org}'" for org in orgs)
    return f"""
    insert into authentications by name
    select
        printf('a%08d', number) as event_id,
        timestamptz '{first} 00:00:00+00' + to_microseconds(cast(number * ({days} * 86400e6 / {number}) as bigint)) as occurred_at,
        cast(occurred_at as date) as event_date,
        list_extract([{names}], 1 + number % {len(orgs)}) as org,
        'user_login_attempt' as event_type,
        list_extract(['sso', 'user_portal', 'admin_portal', 'radius', 'ldap', 'device', 'saas_app'], 1 + number * 13 % 7) as channel,
        case when channel in ('radius', 'ldap', 'sso') then channel else 'directory' end as service,
        concat('person', number * 7 % 211, {text}) as actor,
        'user' as actor_type,
        actor as person_id,
        case when number % 9 = 0 then 'failure' when number % 50 = 1 then 'unknown' else 'success' end as outcome,
        case when outcome = 'failure' then concat('invalid password', {text}) end as failure_reason,
        case when number % 3 < 2 then number % 3 = 0 end as mfa_used,
        case when mfa_used then list_extract(['totp', 'webauthn', concat('new', {text})], 1 + number % 5 % 3) end as mfa_factor,
        concat('203.0.113.', number * 11 % 90) as client_ip,
        list_extract(['US', 'DE', 'IN', 'MD', 'XX', null], 1 + number * 5 % 6) as country_code,
        concat('app', number % 20, {text}) as application,
        concat('Firefox', {text}) as user_agent,
        false as is_event_type_inferred
    from (select unnest(range({number})) as number)"""


def changes(number: int, first: str, days: int, orgs: tuple[str, ...] = ("self",), text: str = "''") -> str:
    """Changes as `attempts`; every twelfth weakens security."""
    names = ", ".join(f"'{org}'" for org in orgs)
    return f"""
    insert into admin_changes by name
    select
        printf('c%08d', number) as event_id,
        timestamptz '{first} 00:00:00+00' + to_microseconds(cast(number * ({days} * 86400e6 / {number}) as bigint)) as occurred_at,
        cast(occurred_at as date) as event_date,
        list_extract([{names}], 1 + number % {len(orgs)}) as org,
        'directory' as service,
        'user_update' as event_type,
        'update' as action,
        concat('admin', number % 11, {text}) as actor,
        'admin' as actor_type,
        case when number % 10 = 0 then 'api key' else 'session' end as via,
        '198.51.100.7' as client_ip,
        'DE' as country_code,
        concat(actor, ' changed user ', number % 97, {text}) as summary,
        list_extract(['MFA', 'privileges', 'password policy', 'logging'], 1 + number * 7 % 4) as area,
        case when number % 12 = 0 then 'weakens' else 'neutral' end as effect,
        case when effect = 'weakens' then 'Guessing is easier.' end as risk,
        'success' as outcome
    from (select unnest(range({number})) as number);
    insert into admin_change_fields by name
    select event_id, occurred_at, event_date, org, service, 1 as position_in_event, 'field' as field, 'Field' as label,
        '"old"' as old_value, concat('"', summary, '"') as new_value, area, effect
    from admin_changes"""


def old_keys(callers: int, first: str, last: str, org: str = "self", text: str = "''") -> str:
    """Callers that call once a day; every third fell silent halfway and is quiet."""
    return f"""
    insert into old_api_key_attempts by name
    select
        concat('k', caller, ' ', cast(day as date)) as event_id,
        timezone('UTC', day) + interval 2 hour as occurred_at,
        cast(day as date) as event_date,
        '{org}' as org,
        'directory' as service,
        concat('admin', caller % 3, '@example.com', {text}) as admin_email,
        concat('203.0.113.', caller % 200) as client_ip,
        'US' as country_code,
        concat('curl/8 ', {text}) as user_agent,
        'console.jumpcloud.com' as api_host,
        concat('/api/systems', caller, {text}) as api_path
    from (select unnest(range({callers})) as caller)
    cross join (select unnest(generate_series(date '{first}', date '{last}', interval 1 day)) as day)
    where caller % 3 > 0 or day < date '{last}' - 9;
    insert into old_api_key_sources by name
    select
        org, admin_email, client_ip, 'US' as country_code, user_agent, api_path, 'Script' as integration,
        count(*) as attempts, count(distinct event_date) as active_days,
        min(occurred_at) as first_seen, max(occurred_at) as last_seen,
        date '{last}' - max(event_date) as days_quiet,
        case when days_quiet <= 7 then 'active' when days_quiet <= 30 then 'quiet' else 'closed' end as status,
        'daily at 02:00' as typical_interval, 'Give it the new key.' as advice, false as reopened, api_path as caller_id
    from old_api_key_attempts
    group by org, admin_email, client_ip, user_agent, api_path;
    insert into old_api_key_burndown by name
    select
        '{org}' as org, event_date as date, count(distinct api_path) as active_sources,
        {callers} - count(distinct api_path) as quiet_sources, 0 as closed_sources, 0 as new_sources,
        count(distinct api_path) as calling_sources
    from old_api_key_attempts
    group by event_date"""
