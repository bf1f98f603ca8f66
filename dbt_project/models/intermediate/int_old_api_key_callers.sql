with attempts as (
    select
        *,
        -- Ids in a path tell objects apart, not callers.
        {{ path_without_ids('api_path') }} as api_path_pattern
    from {{ ref('old_api_key_attempts') }}
),

followed as (
    select
        *,
        -- Nulls are a value here: a caller without an address is one caller.
        {{ dbt.hash(
            "concat_ws('|', org, coalesce(admin_email, '-'), coalesce(client_ip, '-'), coalesce(user_agent, '-'), "
            ~ "coalesce(api_path_pattern, '-'))"
        ) }} as caller_id
    from attempts
)

select
    *,
    {{ seconds_between(
        'lag(occurred_at) over (partition by caller_id order by occurred_at, event_id)', 'occurred_at'
    ) }} as seconds_since_last,
    {{ days_between(
        'lag(event_date) over (partition by caller_id order by occurred_at, event_id)', 'event_date') }} as days_since_last
from followed
