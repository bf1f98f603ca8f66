with attempts as (
    select * from {{ ref('old_api_key_attempts') }}
),

-- Quiet days count up to the last day that is held, not up to today: a pipeline that stood still says nothing of callers.
held as (
    select
        org,
        max(date) as last_held_date
    from {{ ref('coverage') }}
    where held_events > 0
    group by org
),

sources as (
    select
        org,
        admin_email,
        client_ip,
        country_code,
        user_agent,
        api_path,
        count(*) as attempts,
        count(distinct event_date) as active_days,
        min(occurred_at) as first_seen,
        max(occurred_at) as last_seen,
        max(event_date) as last_date
    from attempts
    group by org, admin_email, client_ip, country_code, user_agent, api_path
),

aged as (
    select
        sources.*,
        {{ dbt.datediff('sources.last_date', 'greatest(coalesce(held.last_held_date, sources.last_date), sources.last_date)', 'day') }} as days_quiet
    from sources
    left join held on sources.org = held.org
)

select
    org,
    admin_email,
    client_ip,
    country_code,
    user_agent,
    api_path,
    cast(null as varchar) as integration,
    attempts,
    active_days,
    first_seen,
    last_seen,
    days_quiet,
    case
        when days_quiet <= {{ var('old_api_key_active_days') }} then 'active'
        when days_quiet <= {{ var('old_api_key_quiet_days') }} then 'quiet'
        else 'closed'
    end as status
from aged
