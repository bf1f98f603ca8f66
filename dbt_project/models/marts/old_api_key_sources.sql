with callers as (
    select
        caller_id,
        org,
        admin_email,
        client_ip,
        user_agent,
        api_path_pattern as api_path,
        {{ latest('country_code', 'occurred_at') }} as country_code,
        {{ latest('region_name', 'occurred_at') }} as region_name,
        {{ latest('api_host', 'occurred_at') }} as api_host,
        {{ latest('admin_id', 'occurred_at') }} as admin_id,
        count(*) as attempts,
        count(distinct event_date) as active_days,
        min(occurred_at) as first_seen,
        max(occurred_at) as last_seen,
        max(event_date) as last_date
    from {{ ref('int_old_api_key_callers') }}
    group by caller_id, org, admin_email, client_ip, user_agent, api_path_pattern
),

-- Quiet days count up to the last day that is held, not up to today: a pipeline that stood still says nothing of
-- callers.
held as (
    select
        org,
        max(date) as last_held_date
    from {{ ref('coverage') }}
    where held_events > 0
    group by org
),

rhythms as (
    select * from {{ ref('int_old_api_key_rhythms') }}
),

known as (
    select
        callers.caller_id,
        integrations.integration,
        integrations.advice,
        row_number() over (partition by callers.caller_id order by integrations.preference) as place
    from callers
    inner join {{ ref('integrations') }} as integrations
        on
            (
                integrations.user_agent_like is null
                or lower(coalesce(callers.user_agent, '')) like integrations.user_agent_like
            )
            and (
                integrations.api_path_like is null
                or lower(coalesce(callers.api_path, '')) like integrations.api_path_like
            )
),

called as (
    select
        callers.caller_id,
        api_areas.api,
        row_number() over (partition by callers.caller_id order by api_areas.preference) as place
    from callers
    inner join {{ ref('api_areas') }} as api_areas on lower(callers.api_path) like api_areas.api_path_like
),

aged as (
    select
        callers.*,
        known.integration,
        known.advice,
        called.api,
        rhythms.typical_interval,
        rhythms.longest_silence_days,
        greatest(
            {{ days_between('callers.last_date', 'coalesce(held.last_held_date, callers.last_date)') }}, 0
        ) as days_quiet
    from callers
    inner join rhythms on callers.caller_id = rhythms.caller_id
    left join held on callers.org = held.org
    left join known on callers.caller_id = known.caller_id and known.place = 1
    left join called on callers.caller_id = called.caller_id and called.place = 1
)

select
    org,
    admin_email,
    client_ip,
    country_code,
    user_agent,
    api_path,
    coalesce(integration, 'Unknown program') as integration,
    attempts,
    active_days,
    first_seen,
    last_seen,
    days_quiet,
    {{ old_api_key_status('days_quiet') }} as status,
    typical_interval,
    coalesce(advice, 'Find the program at the address, by the path that it calls, and give it the new key.') as advice,
    coalesce(longest_silence_days > {{ var('old_api_key_quiet_days') }}, false)
    and days_quiet <= {{ var('old_api_key_quiet_days') }} as reopened,
    api,
    api_host,
    admin_id,
    region_name,
    caller_id
from aged
