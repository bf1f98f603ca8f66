with calls as (
    select distinct
        org,
        caller_id,
        event_date
    from {{ ref('int_old_api_key_callers') }}
),

first_calls as (
    select
        org,
        caller_id,
        min(event_date) as first_date
    from calls
    group by org, caller_id
),

-- Every day that is held counts, from the organization's first call on, whether anybody called or not.
days as (
    select distinct
        coverage.org,
        coverage.date
    from {{ ref('coverage') }} as coverage
    where coverage.held_events > 0
    union
    select
        calls.org,
        calls.event_date as date
    from calls
),

-- Each call holds until the caller's next one.
spells as (
    select
        org,
        caller_id,
        event_date as from_date,
        lead(event_date) over (partition by org, caller_id order by event_date) as next_date
    from calls
),

standing as (
    select
        days.org,
        days.date,
        spells.caller_id,
        {{ days_between('spells.from_date', 'days.date') }} as days_quiet,
        first_calls.first_date = days.date as is_new
    from days
    inner join spells
        on
            days.org = spells.org
            and days.date >= spells.from_date
            and (spells.next_date is null or days.date < spells.next_date)
    inner join first_calls on spells.org = first_calls.org and spells.caller_id = first_calls.caller_id
),

judged as (
    select
        *,
        {{ old_api_key_status('days_quiet') }} as status
    from standing
)

select
    org,
    date,
    count(*) filter (where status = 'active') as active_sources,
    count(*) filter (where status = 'quiet') as quiet_sources,
    count(*) filter (where status = 'closed') as closed_sources,
    count(*) filter (where is_new) as new_sources,
    count(*) filter (where days_quiet = 0) as calling_sources
from judged
group by org, date
