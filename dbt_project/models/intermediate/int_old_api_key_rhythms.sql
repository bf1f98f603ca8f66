-- How often a caller calls, from the gaps between its calls.
with gaps as (
    select
        *,
        median(seconds_since_last) over (partition by caller_id) as typical_seconds
    from {{ ref('int_old_api_key_callers') }}
),

callers as (
    select
        caller_id,
        count(*) as attempts,
        any_value(typical_seconds) as typical_seconds,
        -- A fifth more or less is still the same rhythm; programs that wait between calls drift that much.
        avg(
            case
                when abs(seconds_since_last - typical_seconds) <= 0.2 * typical_seconds then 1.0
                when seconds_since_last is not null then 0.0
            end
        ) as share_in_rhythm,
        max(days_since_last) as longest_silence_days,
        cast(round(median({{ minute_of_day('occurred_at') }})) as integer) as typical_minute,
        mode({{ weekday_name('event_date') }}) as typical_weekday
    from gaps
    group by caller_id
),

timed as (
    select
        *,
        lpad(cast(cast(floor(typical_minute / 60) as integer) as string), 2, '0')
        || ':' || lpad(cast(typical_minute % 60 as string), 2, '0') as typical_time
    from callers
)

select
    caller_id,
    longest_silence_days,
    case
        when attempts = 1 then 'once'
        when attempts < 4 or share_in_rhythm < 0.7 then 'irregular'
        when typical_seconds < 50 then 'every ' || cast(round(typical_seconds) as integer) || ' seconds'
        when typical_seconds < 90 then 'every minute'
        when typical_seconds < 3300 then 'every ' || cast(round(typical_seconds / 60) as integer) || ' minutes'
        when typical_seconds < 5400 then 'hourly'
        when typical_seconds < 82800 then 'every ' || cast(round(typical_seconds / 3600) as integer) || ' hours'
        when typical_seconds < 90000 then 'daily at ' || typical_time
        when typical_seconds between 561600 and 648000
            then 'weekly on ' || typical_weekday || ' at ' || typical_time
        else 'every ' || cast(round(typical_seconds / 86400) as integer) || ' days'
    end as typical_interval
from timed
