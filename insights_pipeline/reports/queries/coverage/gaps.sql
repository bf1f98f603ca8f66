-- Neighbouring days of one state, and services that share them, are one gap.
with unproven as (
    select
        *,
        date - cast(row_number() over (partition by org, service, state order by date) as integer) as island
    from days
    where state <> 'complete'
),

runs as (
    select
        org,
        service,
        state,
        min(date) as first_day,
        max(date) as last_day,
        sum(expected_events)::bigint as expected,
        sum(held_events)::bigint as held,
        min(expires_on) as expires_on
    from unproven
    group by org, service, state, island
),

services as (
    select org, count(distinct service) as services
    from days
    group by org
),

gaps as (
    select
        runs.org,
        runs.state,
        runs.first_day,
        runs.last_day,
        list(runs.service order by runs.service) as services,
        any_value(services.services) as services_of_org,
        sum(runs.expected)::bigint as expected,
        sum(runs.held)::bigint as held,
        min(runs.expires_on) as expires_on
    from runs
    inner join services on runs.org = services.org
    group by runs.org, runs.state, runs.first_day, runs.last_day
    union all by name
    -- Days between those that are known which nobody asked for.
    select
        '' as org,
        'missing' as state,
        min(day) as first_day,
        max(day) as last_day,
        [] as services,
        0 as services_of_org,
        null as expected,
        0 as held,
        null as expires_on
    from (
        select
            day,
            day - cast(row_number() over (order by day) as integer) as island
        from (
            select cast(unnest(generate_series(getvariable('first_day'), getvariable('last_day'), interval 1 day)) as date) as day
            except
            select date from days
        )
    )
    group by island
)

select *, count(*) over () as total
from gaps
order by severity(state), last_day desc, first_day, org, services
limit 200;
