{{ config(
    materialized='incremental', incremental_strategy='replace_changed_days', on_schema_change='fail',
    partition_by=['org', 'service', 'event_date']
) }}

-- Names under which accounts were seen, per day, so that a day that is read again takes back what it said.
with events as (
    select * from {{ ref('int_events_classified') }}
    where event_class = 'authentication' or event_class like 'admin_change%'
),

sides as (
    select 'initiator' as side
    union all
    select 'object' as side
),

-- An event names who did it and whom it is about; both in one pass over the files.
seen as (
    select
        events.org,
        events.service,
        events.event_date,
        events.occurred_at,
        case sides.side
            when 'initiator' then nullif(events.initiated_by.id, '')
            else nullif(events.resource.id, '')
        end as account_id,
        case sides.side
            when 'initiator' then {{ account_type('events.initiated_by.type') }}
            else {{ account_type('events.resource.type') }}
        end as account_type,
        case sides.side
            when 'initiator'
                then coalesce(
                    nullif(events.initiated_by.username, ''), {{ ldap_user("nullif(events.username, '')") }}
                )
            else nullif(events.resource.username, '')
        end as username,
        case sides.side
            when 'initiator' then nullif(events.initiated_by.email, '')
            else nullif(events.resource.email, '')
        end as email
    from events
    cross join sides
    where
        (sides.side = 'initiator' and events.initiated_by.type is distinct from 'system')
        or (sides.side = 'object' and lower(events.resource.type) in ('user', 'admin', 'systemuser'))
)

select
    org,
    service,
    event_date,
    account_id,
    account_type,
    lower(username) as username,
    lower(email) as email,
    max(occurred_at) as last_seen
from seen
where coalesce(account_id, username, email) is not null
group by org, service, event_date, account_id, account_type, lower(username), lower(email)
